"""The protocols that ship with the app, as drafts: one YAML file each; they share Learn cards, triage rules and lists."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from timeline.document import ProtocolDocument, Route
from timeline.lists_parts import read_visit_lists
from timeline.places import Notes, Place
from timeline.plain_yaml import read_yaml
from timeline.protocol import parse
from timeline.triage_document import TriageRules
from timeline.triage_parts import read_triage_rules
from timeline.visit_lists import VisitLists

_FOLDER = Path(__file__).parent
_LEARN, _TRIAGE, _GOLDEN, _VISIT = "learn", "triage", "triage_golden", "visit"
_SHARED = frozenset({_LEARN, _TRIAGE, _GOLDEN, _VISIT})


def pack_keys() -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.yaml") if path.stem not in _SHARED))


@cache
def read_pack(key: str) -> ProtocolDocument:
    """One shipped protocol, with the triage rules and its route's Learn cards and lists. Raises KeyError for an unknown key."""
    if key not in pack_keys():
        raise KeyError(key)
    own = _content(key)
    learn, lists = (for_route(_content(shared), own["route"]) for shared in (_LEARN, _VISIT))
    return parse({**own, **learn, "triage": _content(_TRIAGE), "lists": lists})


@cache
def read_triage() -> TriageRules:
    """The shared triage rules, as shipped. Raises ProtocolErrors with every error in them."""
    notes = Notes()
    rules = read_triage_rules(Place(_content(_TRIAGE), "", notes))
    notes.raise_any()
    assert rules is not None
    return rules


@cache
def read_visit_lists_for(route: Route) -> VisitLists:
    """The lists around a visit, as shipped for a route. Raises ProtocolErrors with every error in them."""
    notes = Notes()
    lists = read_visit_lists(Place(for_route(_content(_VISIT), route), "", notes))
    notes.raise_any()
    assert lists is not None
    return lists


def golden_content() -> dict[str, object]:
    """The golden set of the triage rules as it is written: rows by rule id. checkin/golden.py reads it."""
    return _content(_GOLDEN)


def for_route(content: dict[str, object], route: object) -> dict[str, object]:
    """A section as it is for one route: without what its `routes` keep for others, and without the word itself."""
    return {name: _for_route(value, route) for name, value in content.items() if name != "routes"}


def _for_route(value: object, route: object) -> object:
    if isinstance(value, list):
        return [_for_route(item, route) for item in value if _is_for(item, route)]
    if isinstance(value, dict):
        kept = for_route(value, route)
        return kept["text"] if "routes" in value and set(kept) == {"text"} else kept
    return value


def _is_for(item: object, route: object) -> bool:
    return not isinstance(item, dict) or route in item.get("routes", [route])


def _content(key: str) -> dict[str, object]:
    content = read_yaml((_FOLDER / f"{key}.yaml").read_text("utf-8"), Notes())
    assert isinstance(content, dict)
    return content
