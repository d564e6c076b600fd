"""The readings of a visit as staff see them: numbers and who noted them, never what to make of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from timeline.models import Treatment, VitalSigns
from timeline.phases import clock_words
from timeline.queries import last_reading, standing
from timeline.states import TreatmentState, VitalMoment

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
    lines = sorted(readings, key=lambda reading: (reading.taken_at, reading.pk), reverse=True)
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
    """ "132/84 now, 120/80 before: +10 %, +5 %": numbers, and no word on them."""
    now, before = last_reading(readings), standing(readings, VitalMoment.BEFORE)
    if now is None:
        return "No reading yet"
    if before is None or now is before:
        return f"{now} {'before' if now is before else 'now'}"
    top, bottom = _percent(now.systolic, before.systolic), _percent(now.diastolic, before.diastolic)
    return f"{now} now, {before} before: {top}, {bottom}"


def _percent(now: int, before: int) -> str:
    return f"{round((now - before) * 100 / before):+d} %".replace("-", "−")


def next_moment(readings: Sequence[VitalSigns], treatment: Treatment) -> str:
    """What is ticked when the form opens: what most likely comes next."""
    moments = {VitalMoment(reading.moment) for reading in readings}
    if VitalMoment.BEFORE not in moments:
        return VitalMoment.BEFORE
    if treatment.document.route == "spravato" and VitalMoment.AT_40 not in moments:
        return VitalMoment.AT_40
    return VitalMoment.LEAVING if treatment.state == TreatmentState.RECOVERING else VitalMoment.BETWEEN
