"""What changed around each visit: means of the days before and after, and the words for them. No Django.

A draft that nobody has signed (docs/clinical.md, 17). Single answers of 0 to 10 are no instrument: nothing here is a score,
nothing says better or worse, and a day without a log counts for nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import zip_longest
from statistics import fmean

from checkin.charts import Point

# Before: the 7 days up to the day before a visit. After: the second to the eighth day after it (clinical.md, 4.3).
BEFORE = 7
AFTER = (2, 8)
# Fewer logs on either side than this say nothing.
LEAST = 2


@dataclass(frozen=True, slots=True)
class Change:
    """The means around one visit, 0 to 10; None where too few days were logged. `runs`: days after it are still to come."""

    visit: date
    before: float | None
    after: float | None
    runs: bool


def changes(values: Mapping[date, int], *, visits: Iterable[date], today: date) -> tuple[Change, ...]:
    """One for each visit, oldest first. `values`: one a day.

    A span never reaches over another visit: it begins two days after the one before, and ends on the day before the next.
    """
    days = sorted(set(visits))
    neighbours = zip_longest([None, *days[:-1]], days, days[1:])
    return tuple(_change(values, visit, before, after, today) for before, visit, after in neighbours if visit)


def _change(
    values: Mapping[date, int], visit: date, visit_before: date | None, visit_after: date | None, today: date
) -> Change:
    first, last = visit - timedelta(days=BEFORE), visit - timedelta(days=1)
    if visit_before:
        first = max(first, visit_before + timedelta(days=AFTER[0]))
    begins, ends = (visit + timedelta(days=days) for days in AFTER)
    if visit_after:
        ends = min(ends, visit_after - timedelta(days=1))
    return Change(visit, _mean(values, first, last), _mean(values, begins, ends), runs=ends >= today)


def _mean(values: Mapping[date, int], first: date, last: date) -> float | None:
    inside = [value for day, value in values.items() if first <= day <= last]
    return fmean(inside) if len(inside) >= LEAST else None


def about(mean: float) -> str:
    """A mean to the nearest half: "6", "4.5"."""
    return f"{round(mean * 2) / 2:g}"


def change_words(subject: str, change: Change) -> str:
    """One plain sentence. `subject` begins it: "Your mood"."""
    if change.before is None or change.after is None:
        return f"{subject}: not enough days yet." if change.runs else f"{subject}: too few days were logged to say."
    tail = f"is about {about(change.after)} so far" if change.runs else f"about {about(change.after)} in the week after"
    return f"{subject} was about {about(change.before)} before, and {tail}."


def change_cell(change: Change) -> str:
    """The same for a table of the staff."""
    if change.before is None or change.after is None:
        return "Not enough days yet" if change.runs else "Too few days"
    return f"{about(change.before)} before, {about(change.after)} {'so far' if change.runs else 'after'}"


def line_words(subject: str, points: Sequence[Point], *, name_day: Callable[[date], str]) -> str:
    """A picture in one sentence: first, last, and what lies between. `name_day`: "on Nov 22", "today"."""
    if not points:
        return f"{subject}: nothing was logged in these days."
    first, last = points[0], points[-1]
    if len(points) == 1:
        return f"{subject} was {first.value} {name_day(first.day)}, the one day that was logged."
    moved = last.value - first.value
    how = f"{abs(moved)} {'higher' if moved > 0 else 'lower'}" if moved else "the same"
    return f"{subject} was {first.value} {name_day(first.day)} and {last.value} {name_day(last.day)}: {how}."
