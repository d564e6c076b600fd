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
# … below the mean of the last logged days before them: at most so many, at least so many, and none from longer ago.
MOST_BEFORE, LEAST_BEFORE, BEFORE_LASTS = 7, 2, timedelta(days=30)
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


def mood_fall(days: Sequence[MoodDay]) -> date | None:
    """The first day of the fall that the last of these days belongs to; None where it belongs to none.

    `days`: one each, oldest first. A fall lasts while each logged day stays as far below what was before it; one that goes
    further down while it lasts, measured by its own days, is a new one. So its first day stays the same while it goes on so.
    """
    for start in range(LEAST_BEFORE, len(days) - FALL_DAYS + 1):
        before, since = _before(days, start), days[start:]
        is_close = (since[FALL_DAYS - 1].day - since[0].day).days < WITHIN_DAYS
        if len(before) >= LEAST_BEFORE and is_close and all(_is_far_below(each, before) for each in since):
            return mood_fall(since) or since[0].day
    return None


def _before(days: Sequence[MoodDay], start: int) -> Sequence[MoodDay]:
    """What the days from `start` on are measured by. A mood of months ago says nothing of now."""
    last = days[max(0, start - MOST_BEFORE) : start]
    return [each for each in last if days[start].day - each.day <= BEFORE_LASTS]


def _is_far_below(day: MoodDay, before: Sequence[MoodDay]) -> bool:
    """In whole numbers, so that a mean of thirds is no matter of rounding."""
    return sum(each.mood for each in before) - day.mood * len(before) >= FALL * len(before)


@dataclass(frozen=True, slots=True)
class Total:
    """The sum of one PHQ-9, 0 to 27."""

    answered_at: datetime
    total: int


def phq_rise(totals: Sequence[Total]) -> bool:
    """Whether the last of these, oldest first, is far above the last one of an earlier sitting."""
    if not totals:
        return False
    last = totals[-1]
    earlier = [each for each in totals if last.answered_at - each.answered_at >= SITTING]
    return bool(earlier) and last.total - earlier[-1].total >= RISE
