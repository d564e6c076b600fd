"""The readings of a visit as staff see them: numbers and who noted them, never what to make of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from timeline.models import VitalSigns
from timeline.phases import clock_words
from timeline.queries import last_reading, standing
from timeline.states import VitalMoment

MOMENTS = {
    VitalMoment.BEFORE: "Before",
    VitalMoment.AT_40: "40 minutes",
    VitalMoment.BETWEEN: "In between",
    VitalMoment.LEAVING: "Before leaving",
}
# Of these one counts, the last that was noted. In between there may be many.
_ONE_OF = (VitalMoment.BEFORE, VitalMoment.AT_40, VitalMoment.LEAVING)


@dataclass(frozen=True, slots=True)
class ReadingLine:
    """One reading. `is_replaced`: a newer one of the same moment stands in its place."""

    moment: str
    pressure: str
    pulse: str
    oxygen: str
    when: str
    who: str
    is_replaced: bool


def reading_lines(readings: Sequence[VitalSigns], *, zone: ZoneInfo, at: datetime) -> tuple[ReadingLine, ...]:
    """By the time at which they were taken, newest first. `readings` as they were noted."""
    counts = {moment: standing(readings, moment) for moment in _ONE_OF}
    lines = sorted(readings, key=_order, reverse=True)
    return tuple(
        ReadingLine(
            moment=MOMENTS[VitalMoment(reading.moment)],
            pressure=str(reading),
            pulse=str(reading.pulse or ""),
            oxygen=f"{reading.oxygen} %" if reading.oxygen else "",
            when=clock_words(reading.taken_at, zone=zone, today=at),
            who=str(reading.noted_by),
            is_replaced=reading.moment in _ONE_OF and reading is not counts[VitalMoment(reading.moment)],
        )
        for reading in lines
    )


def change_words(readings: Sequence[VitalSigns]) -> str:
    """ "132/84 at leaving, 120/80 before: +10 %, +5 %", and one that was taken since: numbers, and no word on them."""
    last, before = last_reading(readings), standing(readings, VitalMoment.BEFORE)
    if last is None:
        return "No reading yet"
    if last is before:
        return f"{last} before"
    said = f"{last} {'at leaving' if last.moment == VitalMoment.LEAVING else 'now'}"
    if before:
        top, bottom = _percent(last.systolic, before.systolic), _percent(last.diastolic, before.diastolic)
        said = f"{said}, {before} before: {top}, {bottom}"
    since = [one for one in readings if one.moment != VitalMoment.LEAVING and _order(one) > _order(last)]
    return f"{said}. Newer: {max(since, key=_order)}" if since else said


def _order(reading: VitalSigns) -> tuple[datetime, int]:
    return reading.taken_at, reading.pk


def _percent(now: int, before: int) -> str:
    return f"{round((now - before) * 100 / before):+d} %".replace("-", "−")
