"""The board: everybody in care and everybody who comes today."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Prefetch, Q

from accounts.models import Channel, Clinic
from clinic.queries.alerts import AlertCard, alerts_beside
from clinic.queries.reach_words import unreached_words
from clinic.queries.ride_words import RideMark, ride_mark
from clinic.queries.set_up import SetUpLine, set_up_line
from clinic.queries.words import Mini, hour_words, status_words, treatment_mini
from pickup.queries import Ride, rides
from prompts.models import Prompt
from prompts.states import PromptState
from timeline.models import Treatment
from timeline.phases import HOURS, clock_words
from timeline.queries import with_set_up
from timeline.states import UNDER_WAY, TreatmentState

# A visit that nobody started is late after this long.
LATE_AFTER = timedelta(minutes=15)
_MINI_WIDTH = 104
_PLACES = {
    TreatmentState.ENDED_BADLY: "badly",
    TreatmentState.IN_TREATMENT: "clinic",
    TreatmentState.RECOVERING: "clinic",
    TreatmentState.DISCHARGED: "home",
    TreatmentState.PLANNED: "planned",
}
_GROUPS = {"badly": "Ended badly", "clinic": "In the clinic", "home": "At home", "planned": "Still to come"}


@dataclass(frozen=True, slots=True)
class Row:
    """One patient on the board. `edge` is "hot", "warm" or "": what a glance has to catch. `awaits`: the next move is ours.

    `unreached` says which messages do not arrive, "" while all do.
    """

    patient_id: UUID
    name: str
    record_number: str
    protocol: str
    hour: str
    mini: Mini | None
    status: str
    tone: str
    edge: str
    ride: RideMark
    set_up: SetUpLine | None
    unreached: str
    next: str
    awaits: bool


@dataclass(frozen=True, slots=True)
class Group:
    name: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Tab:
    """A way to show one group alone. `key` stands in the address; it is "" for all."""

    key: str
    name: str
    count: int
    is_shown: bool


@dataclass(frozen=True, slots=True)
class TodayBoard:
    """The alerts that nobody has, and everybody in care, grouped by where they are.

    `mark` changes when anything here does, and each minute; `keys` when an alert is new.
    """

    waiting: tuple[AlertCard, ...]
    taken: int
    keys: str
    groups: tuple[Group, ...]
    tabs: tuple[Tab, ...]
    show: str
    in_care: int
    to_come: int
    as_of: str
    mark: str = ""


def today_board(clinic: Clinic, at: datetime, *, show: str = "") -> TodayBoard:
    """Eight queries, however many patients and alerts."""
    zone = ZoneInfo(clinic.zone)
    rows: dict[str, list[Row]] = {place: [] for place in _GROUPS}
    treatments = treatments_of_day(zone, at)
    ride_of = rides(treatments)
    for treatment in treatments:
        row = _row(treatment, ride_of[treatment.pk], zone=zone, at=at)
        rows[_PLACES[TreatmentState(treatment.state)]].append(row)
    show = show if rows.get(show) else ""
    waiting, taken = alerts_beside(zone, at)
    board = TodayBoard(
        waiting=waiting,
        taken=taken,
        keys=" ".join(card.key for card in waiting),
        groups=tuple(
            Group(_GROUPS[place], tuple(group)) for place, group in rows.items() if group and show in {"", place}
        ),
        tabs=_tabs(rows, show=show),
        show=show,
        in_care=sum(len(group) for place, group in rows.items() if place != "planned"),
        to_come=len(rows["planned"]),
        as_of=clock_words(at, zone=zone, today=at),
    )
    return replace(board, mark=hashlib.sha256(repr(board).encode()).hexdigest()[:12])


def treatments_of_day(zone: ZoneInfo, at: datetime) -> list[Treatment]:
    """Under way, and planned up to the end of the clinic's day; with the prompts that wait, what of the set-up is done, and
    the ways by which nothing arrives."""
    midnight = at.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    waiting = Prompt.objects.filter(state=PromptState.WAITING).order_by("due_at")
    failed = Channel.objects.filter(patient=OuterRef("patient"), failed_at__isnull=False, stopped_at=None)
    return list(
        with_set_up(
            Treatment.objects.filter(Q(state__in=UNDER_WAY) | Q(state=TreatmentState.PLANNED, planned_for__lt=midnight))
        )
        .annotate(failed_ways=ArraySubquery(failed.order_by("-kind").values("kind")))
        .select_related("patient", "protocol_version__protocol")
        .defer("protocol_version__content")
        .prefetch_related(Prefetch("prompts", waiting, to_attr="waiting"))
        .order_by("planned_for", "pk")
    )


def _tabs(rows: dict[str, list[Row]], *, show: str) -> tuple[Tab, ...]:
    filled = [(place, len(group)) for place, group in rows.items() if group]
    places = [("", sum(count for _, count in filled)), *filled]
    return tuple(Tab(place, _GROUPS.get(place, "All"), count, is_shown=place == show) for place, count in places)


def _row(treatment: Treatment, ride: Ride, *, zone: ZoneInfo, at: datetime) -> Row:
    tone, edge = _signs(treatment, at)
    mark = ride_mark(ride, treatment, zone=zone, at=at)
    return Row(
        patient_id=treatment.patient_id,
        name=str(treatment.patient),
        record_number=treatment.patient.record_number,
        protocol=treatment.protocol_version.protocol.name,
        hour=hour_words(treatment, at),
        mini=treatment_mini(treatment, at, width=_MINI_WIDTH),
        status=status_words(treatment, zone=zone, at=at),
        tone=tone,
        edge=edge or ("warm" if mark.stands_out or treatment.failed_ways else ""),  # type: ignore[attr-defined]
        ride=mark,
        set_up=set_up_line(treatment, zone=zone, at=at),
        unreached=unreached_words(treatment.failed_ways),  # type: ignore[attr-defined]
        next=_next_words(treatment, zone=zone, at=at),
        awaits=treatment.state != TreatmentState.DISCHARGED,
    )


def _signs(treatment: Treatment, at: datetime) -> tuple[str, str]:
    """The tag's tone and the row's edge."""
    if treatment.state == TreatmentState.ENDED_BADLY:
        return "urgent", "hot"
    if treatment.state == TreatmentState.IN_TREATMENT:
        return "now", ""
    if treatment.state == TreatmentState.PLANNED and treatment.planned_for + LATE_AFTER < at:
        return "warn", "warm"
    return "", ""


def _next_words(treatment: Treatment, *, zone: ZoneInfo, at: datetime) -> str:
    """What comes by itself: the next message, or the end of the 24 hours."""
    waiting = [prompt for prompt in treatment.waiting if prompt.window_ends_at > at]  # type: ignore[attr-defined]
    if waiting:
        return f"Message {clock_words(max(waiting[0].due_at, at), zone=zone, today=at)}"
    if treatment.state == TreatmentState.DISCHARGED and treatment.hour_zero:
        ends_at = treatment.hour_zero + timedelta(hours=HOURS)
        return f"Ends {clock_words(ends_at, zone=zone, today=at)}" if ends_at > at else ""
    return ""
