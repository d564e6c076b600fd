"""The protocols that ship with the app, as drafts: one YAML file each; Learn cards and triage rules all of them share."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from timeline.document import ProtocolDocument
from timeline.places import Notes, Place
from timeline.plain_yaml import read_yaml
from timeline.protocol import parse
from timeline.triage_document import TriageRules
from timeline.triage_parts import read_triage_rules

_FOLDER = Path(__file__).parent
_LEARN, _TRIAGE, _GOLDEN = "learn", "triage", "triage_golden"
_SHARED = frozenset({_LEARN, _TRIAGE, _GOLDEN})


def pack_keys() -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.yaml") if path.stem not in _SHARED))


@cache
def read_pack(key: str) -> ProtocolDocument:
    """One shipped protocol, with the Learn cards of its route and the triage rules. Raises KeyError for an unknown key."""
    if key not in pack_keys():
        raise KeyError(key)
    own = _content(key)
    return parse({**own, **for_route(_content(_LEARN), own["route"]), "triage": _content(_TRIAGE)})


@cache
def read_triage() -> TriageRules:
    """The shared triage rules, as shipped. Raises ProtocolErrors with every error in them."""
    notes = Notes()
    rules = read_triage_rules(Place(_content(_TRIAGE), "", notes))
    notes.raise_any()
    assert rules is not None
    return rules


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
