"""A visit at the clinic on one page: the clock of the stay, what is ticked and by whom, readings, and who is at the door."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from accounts.models import Clinic, Patient
from clinic.acts import CARE, Act, visit_acts
from clinic.models import DischargeItem
from clinic.queries.items import BY_HAND, is_done, stay_is_running, ticks_of
from clinic.queries.readings import ReadingLine, change_words, reading_lines
from clinic.queries.ride_words import RideMark, ride_mark
from clinic.queries.words import hour_words, status_words
from pickup.models import PickupLink
from pickup.queries import met_link, rides
from timeline.facts import history_labels
from timeline.models import Treatment, VitalSigns
from timeline.phases import HOURS, clock_words
from timeline.queries import readings_of, shortest_stay, stay_ends_at
from timeline.services import UNTIL_THE_DOOR
from timeline.states import AT_CLINIC, TreatmentState
from timeline.visit_lists import StaffItem

QUARTER = timedelta(minutes=15)
QUARTERS = 6


@dataclass(frozen=True, slots=True)
class ItemRow:
    """One item. `said` is who ticked it and when, `fact` what is known beside it; `tick_id` is 0 while it is open.

    `how` says why no press ticks it: "word" comes with the door word, "last_page" with the page of the discharge.
    """

    key: str
    title: str
    note: str
    asks: str
    required: bool
    is_done: bool
    said: str
    words: str
    tick_id: int
    how: str
    fact: str


@dataclass(frozen=True, slots=True)
class ItemList:
    """One list with its items. `open` counts what is not ticked."""

    key: str
    name: str
    rows: tuple[ItemRow, ...]
    open: int

    @property
    def done(self) -> int:
        return len(self.rows) - self.open


@dataclass(frozen=True, slots=True)
class Quarter:
    """A quarter of an hour to be ready at: `value` goes with the form."""

    value: str
    words: str
    is_set: bool


@dataclass(frozen=True, slots=True)
class CarePage:
    """One visit while staff have the patient with them. `is_open`: it can be ticked; `is_before_door`: and the rest changed.

    `clock` is the shortest stay in words, with what it adds up to; `lists` are those of its state, `earlier` the one before.
    `mark` changes when anything here does, and each minute.
    """

    treatment_id: UUID
    patient: Patient
    is_open: bool
    is_before_door: bool
    is_recovering: bool
    protocol: str
    hour: str
    status: str
    clock: str
    is_clock_over: bool
    flags: tuple[str, ...]
    lists: tuple[ItemList, ...]
    earlier: ItemList | None
    readings: tuple[ReadingLine, ...]
    ready: str
    quarters: tuple[Quarter, ...]
    ride: RideMark
    met: str
    next_act: Act | None
    acts: tuple[Act, ...]
    as_of: str
    mark: str = ""

    @property
    def earlier_keys(self) -> tuple[str, ...]:
        return tuple(row.key for row in self.earlier.rows) if self.earlier else ()


def care_page(treatment: Treatment, *, clinic: Clinic, role: str, at: datetime) -> CarePage:
    """Six queries, however much is on record; `treatment` comes with its patient and version."""
    zone = ZoneInfo(clinic.zone)
    ticks, readings, met = ticks_of(treatment), readings_of(treatment), met_link(treatment)
    facts = _facts(treatment, ticks, readings, met, clinic=clinic, at=at)
    lists = _lists(treatment, facts)
    acts = visit_acts(treatment.state, has_hour_zero=treatment.hour_zero is not None, role=role)
    acts = tuple(act for act in acts if act is not CARE and treatment.state in UNTIL_THE_DOOR)
    clock, is_over = _stay_words(treatment, clinic, zone=zone, at=at)
    hour = hour_words(treatment, at)
    page = CarePage(
        treatment_id=treatment.pk,
        patient=treatment.patient,
        is_open=treatment.state in AT_CLINIC,
        is_before_door=treatment.state in UNTIL_THE_DOOR,
        is_recovering=treatment.state == TreatmentState.RECOVERING,
        protocol=treatment.protocol_version.protocol.name,
        hour=f"{hour} of {HOURS}" if hour.startswith("Hour") else hour,
        status=status_words(treatment, zone=zone, at=at),
        clock=clock,
        is_clock_over=is_over,
        flags=history_labels(treatment.patient.history or ()),
        lists=lists,
        earlier=_list("during", treatment.lists.during, facts) if treatment.state not in _ONLY_DURING else None,
        readings=reading_lines(readings, zone=zone, at=at),
        ready=clock_words(treatment.ready_at, zone=zone, today=at) if treatment.ready_at else "",
        quarters=_quarters(treatment, clinic, zone=zone, at=at),
        ride=ride_mark(rides([treatment])[treatment.pk], treatment, zone=zone, at=at),
        met=met_words(met, zone=zone, at=at),
        next_act=acts[0] if treatment.state in AT_CLINIC and acts else None,
        acts=acts[1:] if treatment.state in AT_CLINIC else (),
        as_of=clock_words(at, zone=zone, today=at),
    )
    return replace(page, mark=hashlib.sha256(repr(page).encode()).hexdigest()[:12])


_ONLY_DURING = (TreatmentState.PLANNED, TreatmentState.CANCELLED, TreatmentState.IN_TREATMENT)
_NAMES = {"during": "In treatment", "recovering": "Recovering", "discharge": "Before leaving"}


@dataclass(frozen=True, slots=True)
class _Facts:
    """What the rows are made of. `stay_runs`: the shortest stay is not over, whatever was ticked."""

    ticks: Mapping[str, DischargeItem]
    readings: Sequence[VitalSigns]
    met: PickupLink | None
    stay: str
    stay_runs: bool
    zone: ZoneInfo
    at: datetime


def _facts(
    treatment: Treatment,
    ticks: Mapping[str, DischargeItem],
    readings: Sequence[VitalSigns],
    met: PickupLink | None,
    *,
    clinic: Clinic,
    at: datetime,
) -> _Facts:
    stay, stay_runs = stay_words(treatment, clinic, at=at), stay_is_running(treatment, clinic, at=at)
    return _Facts(ticks, readings, met, stay, stay_runs, ZoneInfo(clinic.zone), at)


def _lists(treatment: Treatment, facts: _Facts) -> tuple[ItemList, ...]:
    """While the treatment runs its own; then what follows. Nothing before the start."""
    lists = treatment.lists
    if treatment.state == TreatmentState.IN_TREATMENT:
        return (_list("during", lists.during, facts),)
    if treatment.state in _ONLY_DURING:
        return ()
    return (_list("discharge", lists.discharge, facts), _list("recovering", lists.recovering, facts))


def _list(key: str, items: Sequence[StaffItem], facts: _Facts) -> ItemList:
    rows = tuple(_row(item, facts) for item in items)
    return ItemList(key, _NAMES[key], rows, open=sum(not row.is_done for row in rows))


def _row(item: StaffItem, facts: _Facts) -> ItemRow:
    done = is_done(item, facts.ticks, is_met=facts.met is not None, stay_runs=facts.stay_runs)
    tick = facts.ticks.get(item.key) if done else None
    said = f"{tick.done_by}, {clock_words(tick.done_at, zone=facts.zone, today=facts.at)}" if tick else ""
    return ItemRow(
        key=item.key,
        title=item.title,
        note=item.note,
        asks=item.asks or ("What was reviewed, or “none”" if item.kind == "medicines" else ""),
        required=item.required,
        is_done=done,
        said=met_words(facts.met, zone=facts.zone, at=facts.at) if done and item.kind == "escort" else said,
        words=tick.note if tick else "",
        tick_id=tick.pk if tick and item.kind in BY_HAND else 0,
        how="" if item.kind in BY_HAND else "word" if item.kind == "escort" else "last_page",
        fact=_fact(item, facts),
    )


def _fact(item: StaffItem, facts: _Facts) -> str:
    if item.kind == "stay":
        return facts.stay
    return change_words(facts.readings) if item.kind == "pressure" else ""


def met_words(met: PickupLink | None, *, zone: ZoneInfo, at: datetime) -> str:
    """ "Rosa Vidal, met at 3:42 pm"; empty while nobody was."""
    if met is None or met.met_at is None:
        return ""
    return f"{met.said_name or met.name}, met at {clock_words(met.met_at, zone=zone, today=at)}"


def item_list(
    treatment: Treatment,
    key: str,
    ticks: Mapping[str, DischargeItem],
    readings: Sequence[VitalSigns],
    met: PickupLink | None,
    *,
    clinic: Clinic,
    at: datetime,
) -> ItemList:
    """One of the visit's lists by its key, as things are; no query."""
    facts = _facts(treatment, ticks, readings, met, clinic=clinic, at=at)
    return _list(key, getattr(treatment.lists, key), facts)


def stay_words(treatment: Treatment, clinic: Clinic, *, at: datetime) -> str:
    """ "2 hours over at 3:40 pm", "2 hours over since 3:40 pm": a fact, never leave to go. Empty where no stay is set."""
    return _stay_words(treatment, clinic, zone=ZoneInfo(clinic.zone), at=at)[0]


def _stay_words(treatment: Treatment, clinic: Clinic, *, zone: ZoneInfo, at: datetime) -> tuple[str, bool]:
    """The words, and whether it is over."""
    stay, ends_at = shortest_stay(treatment, clinic), stay_ends_at(treatment, clinic)
    if not stay or treatment.state not in (*UNTIL_THE_DOOR, TreatmentState.DISCHARGED):
        return "", False
    if ends_at is None:
        return f"{span_words(stay)}, from hour 0 on", False
    is_over = ends_at <= at
    return (
        f"{span_words(stay)} over {'since' if is_over else 'at'} {clock_words(ends_at, zone=zone, today=at)}",
        is_over,
    )


def span_words(minutes: int) -> str:
    """ "2 hours", "1 hour 30 minutes", "45 minutes"."""
    hours, rest = divmod(minutes, 60)
    parts = ((hours, "hour"), (rest, "minute"))
    return " ".join(f"{count} {name}{'' if count == 1 else 's'}" for count, name in parts if count)


def _quarters(treatment: Treatment, clinic: Clinic, *, zone: ZoneInfo, at: datetime) -> tuple[Quarter, ...]:
    """The next ones; while the shortest stay runs, from its end on."""
    begins = max(at, stay_ends_at(treatment, clinic) or at)
    first = begins + (QUARTER - timedelta(minutes=begins.minute % 15, seconds=begins.second)) % QUARTER
    moments = (first.replace(second=0, microsecond=0) + QUARTER * number for number in range(QUARTERS))
    return tuple(
        Quarter(moment.isoformat(), clock_words(moment, zone=zone, today=at), moment == treatment.ready_at)
        for moment in moments
    )
