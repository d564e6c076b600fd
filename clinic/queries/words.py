"""What a visit is called on every staff page: its hour, its status, and the small bar of its 24 hours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from timeline.document import Phase
from timeline.models import Treatment
from timeline.phases import HOURS, clock_words, hour_number, hours_since
from timeline.states import BAD_ENDINGS, BadEnding, TreatmentState

_GAP, _DOT = 2.0, 5.0


@dataclass(frozen=True, slots=True)
class Mini:
    """Four phases as (number, x, filled width, whole width), and where the patient is. Units of an SVG `width` wide."""

    parts: tuple[tuple[int, float, float, float], ...]
    x: float
    width: int


def mini(phases: Sequence[Phase], *, hours: float, width: int) -> Mini:
    usable = width - _GAP * (len(phases) - 1)
    parts, x, spot = [], 0.0, width - _DOT
    for number, phase in enumerate(phases, start=1):
        start, end = phase.from_hour, phase.to_hour
        whole = usable * (end - start) / HOURS
        done = whole * min(1.0, max(0.0, (hours - start) / (end - start)))
        if start <= hours < end:
            spot = min(max(x + done, _DOT), width - _DOT)
        parts.append((number, round(x, 1), round(done, 1), round(whole, 1)))
        x += whole + _GAP
    return Mini(parts=tuple(parts), x=round(spot, 1), width=width)


def treatment_mini(treatment: Treatment, at: datetime, *, width: int) -> Mini | None:
    """None before hour 0."""
    hours = _hours(treatment, at)
    return None if hours is None else mini(treatment.document.phases, hours=hours, width=width)


def hour_words(treatment: Treatment, at: datetime) -> str:
    """ "Hour 5", "Under way", "Planned", "24 hours over": what a row says in one word or three."""
    hours = _hours(treatment, at)
    if treatment.state in {TreatmentState.PLANNED, TreatmentState.CANCELLED}:
        return "Planned" if treatment.state == TreatmentState.PLANNED else ""
    if hours is None or treatment.hour_zero is None:
        return "Under way" if treatment.state == TreatmentState.IN_TREATMENT else ""
    return f"Hour {hour_number(treatment.hour_zero, at=at)}" if hours < HOURS else "24 hours over"


def status_words(treatment: Treatment, *, zone: ZoneInfo, at: datetime) -> str:
    """What happened last, with its time on the clinic's clock."""
    if treatment.ended_badly_reason:
        return BAD_ENDINGS[BadEnding(treatment.ended_badly_reason)]
    name, moment = {
        TreatmentState.PLANNED: ("Begins", treatment.planned_for),
        TreatmentState.IN_TREATMENT: ("Started", treatment.started_at),
        TreatmentState.RECOVERING: ("Ended", treatment.ended_at),
        TreatmentState.DISCHARGED: ("Left", treatment.discharged_at),
        TreatmentState.CLOSED: ("Closed", treatment.closed_at),
        TreatmentState.CANCELLED: ("Cancelled", treatment.cancelled_at),
    }[TreatmentState(treatment.state)]
    return f"{name} {clock_words(moment, zone=zone, today=at)}" if moment else name


def _hours(treatment: Treatment, at: datetime) -> float | None:
    if treatment.hour_zero is None or treatment.state == TreatmentState.PLANNED:
        return None
    return max(0.0, hours_since(treatment.hour_zero, at=at))
