"""Reads a protocol document: whole and inside the product's limits, or every error with its path."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import time
from itertools import pairwise
from typing import Any, get_args

from timeline.document import (
    Budget,
    Card,
    ClinicPoints,
    ClockMoment,
    Driving,
    HourZero,
    Notice,
    Phase,
    Point,
    PromptKind,
    PromptTemplate,
    ProtocolDocument,
    QuietHours,
    Route,
    Step,
    WhenQuiet,
)
from timeline.learn_parts import learn_cards, read_sources
from timeline.lists_parts import read_visit_lists
from timeline.phases import HOURS, LONGEST_QUIET_HOURS, quiet_minutes
from timeline.places import Notes, Place, Problem, ProtocolErrors
from timeline.plain_yaml import read_yaml
from timeline.triage_document import TriageRules
from timeline.triage_parts import plain_part, read_triage_rules
from timeline.visit_lists import VisitLists

__all__ = ["Problem", "ProtocolErrors", "digest", "dump", "load", "parse"]

PHASES = 4
DAY_MINUTES = HOURS * 60
# What a route asks for at the least (docs/clinical.md, 2 and 3). A document may ask for more.
HOUR_ZERO: Mapping[str, HourZero] = {"iv": "treatment_end", "im": "treatment_end", "spravato": "first_device"}
LEAST_STAY_MINUTES: Mapping[str, int] = {"spravato": 120}
LEAST_DRIVING_HOURS: Mapping[str, int] = {"iv": 24, "im": 24}


def parse(content: object) -> ProtocolDocument:
    """The document of JSON-able values (dicts, lists, text, numbers). Raises ProtocolErrors with every error."""
    return _parse(content, Notes())


def load(text: str) -> ProtocolDocument:
    """The document of a YAML text of at most 200,000 characters. Raises ProtocolErrors with every error.

    A text that is no plain YAML is told by its line, before anything else.
    """
    notes = Notes()
    return _parse(read_yaml(text, notes), notes)


def dump(document: ProtocolDocument) -> dict[str, Any]:
    """The document as JSON-able values: parse(dump(document)) == document.

    A part that came later is left out while it is empty: a version stored without it keeps its digest.
    """
    parts = {each.name: (getattr(document, each.name), each.default) for each in fields(document)}
    return {name: _plain(part) for name, (part, empty) in parts.items() if part != empty}


def digest(document: ProtocolDocument) -> str:
    """64 hex characters that stand for this exact document, however it was written down."""
    canonical = json.dumps(dump(document), sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, TriageRules | VisitLists):
        return plain_part(value)
    if isinstance(value, Point) and not value.cautions:
        return value.text
    if is_dataclass(value):
        return {each.name: _plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return f"{value:%H:%M}" if isinstance(value, time) else value


def _parse(content: object, notes: Notes) -> ProtocolDocument:
    document = _document(Place(content, "", notes))
    notes.raise_any()
    return document


def _document(place: Place) -> ProtocolDocument:
    place.has_shape(ProtocolDocument)
    return ProtocolDocument(
        schema=place["schema"].whole(1, 1),
        key=place["key"].slug(),
        name=place["name"].text(most=80),
        patient_name=place["patient_name"].text(most=80),
        route=(route := place["route"].one_of(get_args(Route))),
        language=place["language"].one_of(("en",)),
        hour_zero=_hour_zero(place["hour_zero"], route),
        minimum_stay_minutes=_minimum_stay(place, route),
        quiet_hours=_quiet_hours(place["quiet_hours"]),
        budget=_budget(place["budget"]),
        driving=_driving(place["driving"], route),
        phases=(phases := _phases(place["phases"])),
        night=_card(place["night"]),
        morning=_card(place["morning"]),
        before=_notice(place["before"]),
        during=_notice(place["during"]),
        wrap_up=_notice(place["wrap_up"]),
        days_after=_notice(place["days_after"]),
        prompts=tuple(_prompt(item) for item in place["prompts"].items(0, 12)),
        clinic_points=_clinic_points(place.optional("clinic_points")),
        learn=learn_cards(place.get("learn", []), phases=_sound_keys(place["phases"], phases)),
        triage=read_triage_rules(place.optional("triage")),
        lists=read_visit_lists(place.optional("lists")),
    )


def _hour_zero(place: Place, route: str) -> HourZero:
    hour_zero: HourZero = place.one_of(get_args(HourZero))
    if route and hour_zero != HOUR_ZERO[route]:
        place.note(f"the hours of {route} run from {HOUR_ZERO[route]}")
    return hour_zero


def _minimum_stay(place: Place, route: str) -> int | None:
    least = LEAST_STAY_MINUTES.get(route, 0)
    if least or place.optional("minimum_stay_minutes"):
        return place["minimum_stay_minutes"].whole(least, DAY_MINUTES)
    return None


def _quiet_hours(place: Place) -> QuietHours:
    place.has_shape(QuietHours)
    quiet = QuietHours(place["starts_at"].clock(), place["ends_at"].clock())
    minutes = quiet_minutes(quiet.starts_at, quiet.ends_at)
    if all(place[name].is_sound for name in ("starts_at", "ends_at")):
        if not minutes:
            place.note("these have to begin and end at different times")
        elif minutes > LONGEST_QUIET_HOURS * 60:
            place.note(f"these may be {LONGEST_QUIET_HOURS} hours long at most")
    return quiet


def _budget(place: Place) -> Budget:
    """The limits of the product; a document may only be stricter (docs/clinical.md, 4)."""
    place.has_shape(Budget)
    return Budget(
        notices=place["notices"].whole(1, 6),
        asking=place["asking"].whole(1, 4),
        texts=place["texts"].whole(0, 2),
        gap_minutes=place["gap_minutes"].whole(90, DAY_MINUTES),
    )


def _driving(place: Place, route: str) -> Driving:
    place.has_shape(Driving)
    return Driving(
        hours=place["hours"].whole(LEAST_DRIVING_HOURS.get(route, 0), 14 * HOURS),
        text=place["text"].text(),
        sources=read_sources(place["sources"]),
    )


def _phases(place: Place) -> tuple[Phase, ...]:
    """Four that join from hour 0 to hour 24."""
    items = place.items(PHASES, PHASES)
    phases = tuple(_phase(item) for item in items)
    for before, item in pairwise(items):
        if before["to_hour"].is_sound:
            _has_to_be(item["from_hour"], before["to_hour"].value, "where the phase before it ends")
    if items:
        _has_to_be(items[0]["from_hour"], 0, "where the day begins")
        _has_to_be(items[-1]["to_hour"], HOURS, "where the day ends")
    return phases


def _sound_keys(place: Place, phases: Sequence[Phase]) -> tuple[str, ...]:
    """The keys of the phases, unless one of them is wrong: what names them is then not told as an error of its own."""
    is_wrong = any(path.startswith(place.path) for path in place.notes.problems)
    return () if is_wrong else tuple(phase.key for phase in phases)


def _has_to_be(place: Place, hour: int, why: str) -> None:
    if place.value != hour:
        place.note(f"this has to be {hour}, {why}")


def _phase(place: Place) -> Phase:
    place.has_shape(Phase)
    phase = Phase(
        key=place["key"].key("phase"),
        name=place["name"].text(most=40),
        icon=place["icon"].slug(),
        from_hour=place["from_hour"].whole(0, HOURS),
        to_hour=place["to_hour"].whole(0, HOURS),
        card=_card(place["card"]),
    )
    if place["from_hour"].is_sound and phase.to_hour <= phase.from_hour:
        place["to_hour"].note("this has to come after from_hour")
    return phase


def _card(place: Place) -> Card:
    place.has_shape(Card)
    return Card(
        heading=place["heading"].text(most=60),
        lead=place["lead"].lead(),
        usual=place["usual"].lines(),
        do=place["do"].lines(),
        later=place["later"].lines(),
        steps=tuple(_step(item) for item in place["steps"].items(0, 3)),
        sources=read_sources(place["sources"]),
    )


def _step(place: Place) -> Step:
    place.has_shape(Step)
    return Step(
        key=place["key"].key("step"),
        icon=place["icon"].slug(),
        title=place["title"].text(most=60),
        note=place["note"].text(most=100),
    )


def _notice(place: Place) -> Notice:
    place.has_shape(Notice)
    return Notice(
        heading=place["heading"].text(most=60),
        lead=place["lead"].lead(),
        points=place["points"].lines(least=0, most=8),
        sources=read_sources(place["sources"]),
    )


def _clinic_points(place: Place | None) -> ClinicPoints:
    if place is None:
        return ClinicPoints()
    place.has_shape(ClinicPoints)
    return ClinicPoints(
        during=place.get("during", []).lines(least=0, most=8), after=place.get("after", []).lines(least=0, most=8)
    )


def _prompt(place: Place) -> PromptTemplate:
    place.has_shape(PromptTemplate)
    at_hours, clock = place.optional("at_hours"), place.optional("clock")
    if (at_hours is None) == (clock is None):
        place.note("this needs either at_hours or clock, and not both")
    return PromptTemplate(
        key=place["key"].key("prompt"),
        kind=place["kind"].one_of(get_args(PromptKind)),
        title=place["title"].text(most=60),
        text=place["text"].text(most=300),
        icon=place["icon"].slug(),
        at_hours=at_hours.hours() if at_hours else None,
        clock=clock.one_of(get_args(ClockMoment)) if clock else None,
        offset_minutes=_offset(place.get("offset_minutes", 0), moves_clock=clock is not None),
        window_minutes=place["window_minutes"].whole(1, DAY_MINUTES),
        priority=place["priority"].whole(1, 99),
        when_quiet=place["when_quiet"].one_of(get_args(WhenQuiet)),
        asks=place.get("asks", False).flag(),
        by_text=place.get("by_text", False).flag(),
    )


def _offset(place: Place, *, moves_clock: bool) -> int:
    offset = place.whole(-DAY_MINUTES // 2, DAY_MINUTES // 2)
    if offset and not moves_clock:
        place.note("this moves a clock moment, and there is none here")
    return offset
