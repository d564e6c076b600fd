"""When the weeks after a treatment go downhill: a fall of the log's mood, a rise of PHQ-9 (docs/clinical.md, 16). No Django.

What is missing says nothing, neither better nor worse. No model and no score: each rule can be read out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

# From 0 to this a mood leads to help and to the direct question at once (clinical.md, 4.4).
LOW_MOOD = 2
# A fall: so many points, on so many logged days in a row, which lie within so many calendar days (clinical.md, 4.3) …
FALL, FALL_DAYS, WITHIN_DAYS = 3, 3, 5
# … below the mean of the last logged days before them: at most so many, at least so many.
MOST_BEFORE, LEAST_BEFORE = 7, 2
# A rise of PHQ-9. Answers of one sitting are a correction of each other, no rise.
RISE, SITTING = 5, timedelta(hours=24)


def opens_help(mood: int) -> bool:
    """Whether a mood of 0 to 10 is so low that help comes before anything else."""
    return mood <= LOW_MOOD


@dataclass(frozen=True, slots=True)
class MoodDay:
    """The mood of one day, 0 (worst) to 10 (best)."""

    day: date
    mood: int


@dataclass(frozen=True, slots=True)
class Fall:
    """The first days of a fall. `began_on` is the same for as long as it goes on so; `before` is the mean of the days before."""

    began_on: date
    moods: tuple[int, ...]
    before: float


def mood_fall(days: Sequence[MoodDay]) -> Fall | None:
    """The fall that the last of these days belongs to; None where it belongs to none.

    `days`: one each, oldest first. A fall lasts while each logged day stays as far below what was before it; one that goes
    further down while it lasts, measured by its own days, is a new one.
    """
    for start in range(LEAST_BEFORE, len(days) - FALL_DAYS + 1):
        before, since = days[max(0, start - MOST_BEFORE) : start], days[start:]
        first = since[:FALL_DAYS]
        is_close = (first[-1].day - first[0].day).days < WITHIN_DAYS
        if is_close and all(_is_far_below(each, before) for each in since):
            mean = sum(each.mood for each in before) / len(before)
            return mood_fall(since) or Fall(first[0].day, tuple(each.mood for each in first), mean)
    return None


def _is_far_below(day: MoodDay, before: Sequence[MoodDay]) -> bool:
    """In whole numbers, so that a mean of thirds is no matter of rounding."""
    return sum(each.mood for each in before) - day.mood * len(before) >= FALL * len(before)


@dataclass(frozen=True, slots=True)
class Total:
    """The sum of one PHQ-9, 0 to 27."""

    answered_at: datetime
    total: int


@dataclass(frozen=True, slots=True)
class Rise:
    """From the sum before to the last one."""

    before: int
    now: int


def phq_rise(totals: Sequence[Total]) -> Rise | None:
    """Whether the last of these, oldest first, is far above the last one of an earlier sitting."""
    if not totals:
        return None
    last = totals[-1]
    earlier = [each for each in totals if last.answered_at - each.answered_at >= SITTING]
    if not earlier or last.total - earlier[-1].total < RISE:
        return None
    return Rise(earlier[-1].total, last.total)
