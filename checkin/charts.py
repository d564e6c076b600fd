"""The picture of one thing over days: a line that breaks where nothing was logged, and the days of visits. No Django.

The box is 100 wide and 100 high, x to the right and y down: the style sheet gives it its size. Nothing in it says good or bad.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

# The highest answer of the log: 0 to 10 each.
TOP = 10
WEEK, MONTH, COURSE = "week", "month", "course"
_DAYS: Mapping[str, int] = {WEEK: 7, MONTH: 30}
# A course begins this long before the first visit, so that the line has a before.
_LEAD = timedelta(days=7)
LONGEST = 400
# Neighbouring days are joined. In a course so are logs of a weekly pace, which are so many days apart: see _pieces().
_DAILY, _WEEKLY = 1, range(5, 10)
# More points than a month's would hide the line: then only where it begins and ends, and those that no line reaches.
_MOST_DOTS = 31
# Words above the picture need this much of its width each, and lean inwards near its ends.
_WORD_WIDE, _WORD_EDGE = 18.0, 9.0


@dataclass(frozen=True, slots=True)
class Span:
    """The days of a picture, both ends included, at least 7 and at most 400.

    `joins_weeks`: the line goes on where the log is weekly.
    """

    first: date
    last: date
    joins_weeks: bool

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1


@dataclass(frozen=True, slots=True)
class Point:
    """One logged day, 0 to 10."""

    day: date
    value: int


@dataclass(frozen=True, slots=True)
class Gap:
    """Days of which nothing was logged, both ends included."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Mark:
    """A word at a place: x in hundredths, `anchor` as SVG names it. `word` may be "": there is no room for it."""

    x: float
    word: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Picture:
    """Two paths, "" for none: the line, and the dots as strokes of no length. Then the visits, and days along the foot."""

    line: str
    dots: str
    visits: tuple[Mark, ...]
    ticks: tuple[Mark, ...]


def span_of(which: str, *, today: date, visits: Iterable[date], logged: Iterable[date]) -> Span:
    """The last 7 days, the last 30, or all since a week before the first visit, with no visit since the first log."""
    if which in _DAYS:
        return Span(today - timedelta(days=_DAYS[which] - 1), today, joins_weeks=False)
    begins = min((visit - _LEAD for visit in visits), default=min(logged, default=today))
    shortest, longest = (today - timedelta(days=days - 1) for days in (_DAYS[WEEK], LONGEST))
    return Span(max(min(begins, shortest), longest), today, joins_weeks=True)


def within(span: Span, values: Mapping[date, int]) -> tuple[Point, ...]:
    """What was logged in a span, oldest first."""
    return tuple(Point(day, values[day]) for day in sorted(values) if span.first <= day <= span.last)


def with_gaps(span: Span, points: Sequence[Point]) -> tuple[Point | Gap, ...]:
    """Each day of a span once, oldest first: as a point, or inside a gap."""
    day = timedelta(days=1)
    found: list[Point | Gap] = []
    edges = [span.first - day, *(point.day for point in points), span.last + day]
    for number, (before, after) in enumerate(pairwise(edges)):
        if after - before > day:
            found.append(Gap(before + day, after - day))
        found.extend(points[number : number + 1])
    return tuple(found)


def draw(
    span: Span, points: Sequence[Point], *, visits: Iterable[date], visit_word: str, name_day: Callable[[date], str]
) -> Picture:
    """`points` are within the span, oldest first, one a day. `name_day` says a day along the foot in a word or two."""
    pieces = _pieces(points, joins_weeks=span.joins_weeks)
    ends = dict.fromkeys(point for piece in pieces for point in (piece[0], piece[-1]))
    seen = points if len(points) <= _MOST_DOTS else ends
    return Picture(
        line="".join(_line(span, piece) for piece in pieces if len(piece) > 1),
        dots="".join(f"M{_x(span, point.day):g} {_y(point.value):g}h0" for point in seen),
        visits=_visits(span, visits, visit_word),
        ticks=_ticks(span, name_day),
    )


def _pieces(points: Sequence[Point], *, joins_weeks: bool) -> list[list[Point]]:
    apart = [(after.day - before.day).days for before, after in pairwise(points)]
    pieces = [[point] for point in points[:1]]
    for number, point in enumerate(points[1:]):
        if apart[number] == _DAILY or (joins_weeks and _is_weekly(apart, number)):
            pieces[-1].append(point)
        else:
            pieces.append([point])
    return pieces


def _is_weekly(apart: Sequence[int], number: int) -> bool:
    """A week between two logs is a pace only where the logs around them are weekly too; else it is a gap."""
    around = apart[max(number - 1, 0) : number + 2]
    return len(around) > 1 and all(days in _WEEKLY for days in around)


def _line(span: Span, piece: Sequence[Point]) -> str:
    return "M" + "L".join(f"{_x(span, point.day):g} {_y(point.value):g}" for point in piece)


def _x(span: Span, day: date) -> float:
    return round(100 * (day - span.first).days / (span.days - 1), 1)


def _y(value: int) -> float:
    return 100 - 100 * value / TOP


def _visits(span: Span, days: Iterable[date], word: str) -> tuple[Mark, ...]:
    """Each visit has its line; its word only where the word before leaves room."""
    marks, taken_until = [], -_WORD_WIDE
    for day in sorted(set(days)):
        if span.first <= day <= span.last:
            x = _x(span, day)
            has_room = x - taken_until >= _WORD_WIDE
            taken_until = x if has_room else taken_until
            marks.append(Mark(x, word if has_room else "", _anchor(x)))
    return tuple(marks)


def _ticks(span: Span, name_day: Callable[[date], str]) -> tuple[Mark, ...]:
    days = (span.first, span.first + timedelta(days=(span.days - 1) // 2), span.last)
    anchors = ("start", "middle", "end")
    return tuple(Mark(_x(span, day), name_day(day), anchor) for day, anchor in zip(days, anchors, strict=True))


def _anchor(x: float) -> str:
    return "start" if x < _WORD_EDGE else "end" if x > 100 - _WORD_EDGE else "middle"
