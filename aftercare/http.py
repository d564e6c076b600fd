"""What every page and answer shares: a page, its part or its form, moving on, who asks, and the form that is not lost."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods

GetResponse = Callable[[HttpRequest], HttpResponse]
get_or_post = require_http_methods(["GET", "HEAD", "POST"])

PAGE_THAT_HOLDS = "held_form.html"
# Longer values are kept, but not shown again.
SHOWN = 200
# What a page sends beside what a person typed, and the key of a choice: not worth showing.
_OURS = re.compile(r"next|seen\w*|number|\w+_id", re.ASCII)
_KEY = re.compile(r"[a-z0-9_-]*[a-z][a-z0-9_-]*", re.ASCII)
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d)", re.ASCII)


def render_page(
    request: HttpRequest, template: str, page: Any = None, *, part: str | None = None, status: int = 200, **extra: Any
) -> HttpResponse:
    """The whole page, or only its named part when htmx asks for it."""
    if part and getattr(request, "htmx", False):
        template = f"{template}#{part}"
    return render(request, template, {"page": page, **extra}, status=status)


def typed(request: HttpRequest) -> QueryDict | None:
    """What a form was sent with; None on a GET, so that the form is only shown."""
    return request.POST if request.method == "POST" else None


def show_form(request: HttpRequest, template: str, form: Form, page: Any = None, **extra: Any) -> HttpResponse:
    """The page with its form as it is: fresh, or with what is wrong with it (422)."""
    return render_page(request, template, page, form=form, status=422 if form.is_bound else 200, **extra)


def see_other(address: str) -> HttpResponse:
    """After a POST: the browser looks at `address` (a path of ours) with a GET."""
    response = HttpResponseRedirect(address)
    response.status_code = 303
    return response


def client_address(request: HttpRequest) -> str:
    """Who asks, for counting tries: the address that the trusted proxy in front of us saw, else the connection's own.

    Of an IPv6 address the network, a /64: its owner has all of it.
    """
    seen = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
    is_told = settings.PROXIES and len(seen) >= settings.PROXIES
    address = str(seen[-settings.PROXIES] if is_told else request.META.get("REMOTE_ADDR", ""))
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    return address if parsed.version == 4 else str(ip_network((parsed, 64), strict=False))


def is_htmx(request: HttpRequest) -> bool:
    return request.headers.get("HX-Request") == "true"


def is_from_us(request: HttpRequest) -> bool:
    """Whether the browser itself says that a page of ours sent this. No page of anybody else's can make it say so."""
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site is None and origin is None:
        return False
    ours = {f"{request.scheme}://{request.get_host()}", settings.PUBLIC_URL}
    return site in {None, "same-origin"} and (origin is None or origin in ours)


@dataclass(frozen=True, slots=True)
class HeldForm:
    """A form that could not be taken now: where it goes, what it holds, and what of it is worth showing."""

    why: str
    shell: str
    door: str
    address: str
    back: str
    fields: tuple[tuple[str, str], ...]
    shown: tuple[tuple[str, str], ...]
    has_secret: bool
    is_multipart: bool


def hold_form(request: HttpRequest, *, why: str, status: int, door: str = "") -> HttpResponse:
    """A page that carries what was posted, to send again with one button, so that nothing typed is lost.

    `why` picks the words: "waited" (the token is old), "signed_out", "phone_gone", "locked" (`door` is where to come back
    in) or "unreadable". Only for a request that is_from_us(): another site's form must not be washed clean here. Secrets are
    left out. htmx gets the page's main part in place of what was there; its status is then 422, which htmx shows.
    """
    if not is_htmx(request):
        return render(request, PAGE_THAT_HOLDS, {"page": _held(request, why, door)}, status=status)
    response = render(request, f"{PAGE_THAT_HOLDS}#held", {"page": _held(request, why, door)}, status=422)
    response["HX-Retarget"], response["HX-Reswap"] = "#main", "innerHTML"
    return response


def _held(request: HttpRequest, why: str, door: str) -> HeldForm:
    sent = [
        (name, value.replace("\0", ""))
        for name, values in request.POST.lists()
        for value in values
        if name != "csrfmiddlewaretoken" and "\0" not in name
    ]
    fields = tuple((name, value) for name, value in sent if not is_secret(name))
    return HeldForm(
        why=why,
        shell=_shell(request, why),
        door=door,
        address=request.get_full_path(),
        back=_page_before(request),
        fields=fields,
        shown=tuple((_label(name), _MOMENT.sub(r"\1 \2", value)) for name, value in fields if _was_typed(name, value)),
        has_secret=len(fields) < len(sent),
        # As it came: the other way a long text would be up to three times as long.
        is_multipart=request.content_type == "multipart/form-data",
    )


def _shell(request: HttpRequest, why: str) -> str:
    """The frame of the page: the one that the person knows."""
    if getattr(request, "staff", None):
        return "staff.html"
    return "account/base.html" if why == "signed_out" else "patient.html"


def is_secret(name: str) -> bool:
    """Whether a field of this name is never put into a page again: settings.SECRET_FIELDS names the words."""
    return bool({*re.split(r"[^a-z]+", name.lower())} & settings.SECRET_FIELDS)


def _was_typed(name: str, value: str) -> bool:
    return bool(value.strip()) and len(value) <= SHOWN and not (_OURS.fullmatch(name) or _KEY.fullmatch(value))


def _label(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", " ", name).strip().capitalize()


def _page_before(request: HttpRequest) -> str:
    """The page that the form was on, when it is one of ours; else the start."""
    before = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(before, allowed_hosts={request.get_host()}):
        return "/"
    parts = urlsplit(before)
    path = "/" + parts.path.lstrip("/")  # two of them would name another site
    return f"{path}?{parts.query}" if parts.query else path
