"""Every address of the URLconf, and what the forms that lead to it hold."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from random import Random
from typing import Any
from urllib.parse import quote_from_bytes, urljoin, urlsplit

from django.apps import apps
from django.test import Client
from django.urls import Resolver404, URLPattern, URLResolver, get_resolver, resolve

from aftercare.tenancy import tenant
from tests.fuzz import hostile
from timeline.packs import read_triage

_CONVERTER = re.compile(r"<(?:(\w+):)?(\w+)>")
JOURNAL = "journal"
Known = Mapping[str, Mapping[str, list[str]]]


def routes() -> list[str]:
    """Each route as it is written, such as staff/patients/<uuid:patient_id>/."""
    return sorted(set(_walk(get_resolver())))


def _walk(resolver: URLResolver, prefix: str = "") -> Iterator[str]:
    for entry in resolver.url_patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLPattern):
            yield route
        else:
            yield from _walk(entry, route)


def rows(clinics: Iterable[Any]) -> dict[str, list[str]]:
    """The ids of what is there, by what a converter calls it: uuid or int.

    Not the journal's: the role of the pages may not read its tables, and a refusal would end the transaction.
    """
    found: dict[str, list[str]] = defaultdict(list)
    for clinic_id in clinics:
        with tenant(clinic_id):
            for model in apps.get_models():
                if getattr(model, "is_of_one_clinic", False) and model._meta.app_label != JOURNAL:
                    keys = [str(key) for key in model._default_manager.values_list("pk", flat=True)[:12]]
                    found["uuid" if keys and "-" in keys[0] else "int"] += keys
    found["int"] += [str(place) for place in range(len(read_triage().questions) + 2)]
    return found


def example(route: str, **ids: Any) -> str:
    """A path of this route: example(route, uuid=patient.pk). What has no value here is "x"."""
    return f"/{_CONVERTER.sub(lambda match: str(ids.get(match[1] or 'str', 'x')), route)}"


def fill(route: str, random: Random, ids: Mapping[str, list[str]]) -> bytes:
    """A path of this route: its converters get what is there, what might be, or what can't be."""

    def one(match: re.Match[str]) -> str:
        kind = match[1] or "str"
        if ids.get(kind) and random.random() < 0.7:
            return random.choice(ids[kind])
        return quote_from_bytes(hostile.value(random)[:200], safe="/" if kind == "path" else "")

    path = f"/{_CONVERTER.sub(one, route)}"
    if random.random() < 0.04:
        path = random.choice((path.rstrip("/"), f"/{path}", f"{path}%00", f"{path}%ff", path.upper(), f"{path}x" * 40))
    return path.encode()


@dataclass
class _Form:
    action: str
    fields: dict[str, list[str]] = field(default_factory=dict)


class _Forms(HTMLParser):
    """The forms of a page: where each goes and what it may hold."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self._path, self._select = path, ""
        self.found: list[_Form] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: words or "" for name, words in attrs}
        if tag == "form":
            self.found.append(_Form(urlsplit(urljoin(self._path, told.get("action", ""))).path))
        if not self.found:
            return
        fields = self.found[-1].fields
        if tag in {"input", "textarea", "select", "button"} and told.get("name"):
            self._select = told["name"] if tag == "select" else ""
            fields.setdefault(told["name"], [])
            if told.get("value"):
                fields[told["name"]].append(told["value"])
        elif tag == "option" and self._select:
            fields[self._select].append(told.get("value", ""))


def known_fields(browsers: Iterable[Client], ids: Mapping[str, list[str]], random: Random) -> Known:
    """By route, the fields that the pages of all these people would send there, each with values that a page offered."""
    found: dict[str, dict[str, list[str]]] = defaultdict(dict)
    for browser in browsers:
        for route in routes():
            for _ in range(2 if "<" in route else 1):
                path = f"/{_CONVERTER.sub(lambda match: random.choice(ids.get(match[1] or 'str') or ['x']), route)}"
                response = browser.get(path)
                if "html" in response.get("Content-Type", ""):
                    _learn(found, path, response.content.decode())
    return found


def _learn(found: dict[str, dict[str, list[str]]], path: str, html: str) -> None:
    forms = _Forms(path)
    forms.feed(html)
    for form in forms.found:
        try:
            route = resolve(form.action).route
        except Resolver404:
            continue
        for name, values in form.fields.items():
            kept = found[route].setdefault(name, [])
            kept += [value for value in values[:20] if value not in kept][: 20 - len(kept)]
