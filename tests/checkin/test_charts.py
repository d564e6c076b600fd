"""The picture of a log: inside its frame, broken where nothing was logged, and beside it a table of exactly the logs."""

from __future__ import annotations

import re
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkin.charts import COURSE, MONTH, WEEK, Gap, Point, Span, draw, span_of, with_gaps, within

TODAY = date(2026, 11, 28)
_PLACE = re.compile(r"([ML])([\d.]+) ([\d.]+)")


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def named(day: date) -> str:
    return f"{day:%b} {day.day}"


def drawn(span: Span, points: tuple[Point, ...], *visits: date) -> tuple[list[list[tuple[float, float]]], int]:
    """The pieces of the line as places, and how many dots there are."""
    picture = draw(span, points, visits=visits, visit_word="Visit", name_day=named)
    pieces: list[list[tuple[float, float]]] = []
    for act, x, y in _PLACE.findall(picture.line):
        if act == "M":
            pieces.append([])
        pieces[-1].append((float(x), float(y)))
    return pieces, picture.dots.count("M")


@pytest.mark.parametrize(
    ("which", "visits", "logged", "found"),
    [
        (WEEK, [], [], (6, 7, False)),
        (MONTH, [90], [80], (29, 30, False)),
        (COURSE, [20, 13], [40], (27, 28, True)),
        (COURSE, [], [11, 3], (11, 12, True)),
        (COURSE, [], [], (6, 7, True)),
        (COURSE, [], [0], (6, 7, True)),
        (COURSE, [900], [], (399, 400, True)),
    ],
)
def test_a_span_begins_where_it_says(
    which: str, visits: list[int], logged: list[int], found: tuple[int, int, bool]
) -> None:
    span = span_of(which, today=TODAY, visits=map(ago, visits), logged=map(ago, logged))
    assert ((TODAY - span.first).days, span.days, span.joins_weeks) == found
    assert span.last == TODAY


@pytest.mark.parametrize(
    ("which", "logged", "pieces", "dots"),
    [
        (WEEK, [], [], 0),
        (WEEK, [0], [], 1),
        (WEEK, [1, 0], [2], 2),
        (WEEK, [4, 3, 1, 0], [2, 2], 4),
        (WEEK, [6, 4, 2], [], 3),
        (MONTH, [28, 21, 14, 7, 0], [], 5),
        (COURSE, [28, 21, 14, 7, 0], [5], 5),
        (COURSE, [28, 19, 14, 8, 0], [5], 5),
        (COURSE, [30, 22, 12], [], 3),
        (COURSE, [7, 0], [], 2),  # once is no pace
        (COURSE, [10, 9, 2, 1, 0], [2, 3], 5),  # a week left out of a log of days
        (COURSE, [24, 23, 16, 9, 2], [2, 3], 5),  # from each day to each week
        (COURSE, [27, 23, 19, 15], [], 4),
        (COURSE, [*range(60, 20, -1), 5], [40], 3),
    ],
)
def test_a_day_without_a_log_breaks_the_line_but_between_logs_of_a_weekly_pace(
    which: str, logged: list[int], pieces: list[int], dots: int
) -> None:
    span = span_of(which, today=TODAY, visits=[ago(60)], logged=[])
    found, shown = drawn(span, within(span, {ago(days): 5 for days in logged}))
    assert ([len(piece) for piece in found], shown) == (pieces, dots)


def test_the_best_is_at_the_top_and_the_first_day_on_the_left() -> None:
    span = span_of(WEEK, today=TODAY, visits=[], logged=[])
    picture = draw(
        span, within(span, {ago(6): 10, ago(5): 0, TODAY: 4}), visits=[ago(3)], visit_word="Visit", name_day=named
    )
    assert picture.line == "M0 0L16.7 100"
    assert picture.dots == "M0 0h0M16.7 100h0M100 60h0"
    assert [(mark.x, mark.word, mark.anchor) for mark in picture.visits] == [(50.0, "Visit", "middle")]
    assert [(mark.x, mark.word) for mark in picture.ticks] == [(0, "Nov 22"), (50, "Nov 25"), (100, "Nov 28")]


def test_visits_close_together_keep_their_lines_and_share_a_word() -> None:
    span = span_of(MONTH, today=TODAY, visits=[], logged=[])
    days = [ago(29), ago(27), ago(24), ago(10), ago(10), TODAY, ago(31)]
    marks = draw(span, (), visits=days, visit_word="Visit", name_day=named).visits
    assert [mark.word for mark in marks] == ["Visit", "", "", "Visit", "Visit"]
    assert [mark.anchor for mark in marks] == ["start", "start", "middle", "middle", "end"]


LOGS = st.dictionaries(st.integers(-3, 420).map(ago), st.integers(0, 10), max_size=60)
VISITS = st.lists(st.integers(0, 420).map(ago), max_size=8)
WHICH = st.sampled_from([WEEK, MONTH, COURSE])


@given(WHICH, LOGS, VISITS)
def test_nothing_is_drawn_outside_the_frame(which: str, logs: dict[date, int], visits: list[date]) -> None:
    span = span_of(which, today=TODAY, visits=visits, logged=logs)
    picture = draw(span, within(span, logs), visits=visits, visit_word="Visit", name_day=named)
    places = [(float(x), float(y)) for _, x, y in _PLACE.findall(picture.line + picture.dots)]
    assert all(0 <= x <= 100 and 0 <= y <= 100 for x, y in places)
    assert all(0 <= mark.x <= 100 for mark in (*picture.visits, *picture.ticks))
    assert 7 <= span.days <= 400


@given(WHICH, LOGS, VISITS)
def test_no_line_crosses_a_gap_and_no_log_is_left_out(which: str, logs: dict[date, int], visits: list[date]) -> None:
    span = span_of(which, today=TODAY, visits=visits, logged=logs)
    points = within(span, logs)
    pieces, dots = drawn(span, points)
    a_day = 100 / (span.days - 1)
    for piece in pieces:
        steps = [round((after[0] - before[0]) / a_day) for before, after in pairwise(piece)]
        assert all(step == 1 or (span.joins_weeks and 5 <= step <= 9) for step in steps)
    in_lines = sum(map(len, pieces))
    lone = len(points) - in_lines
    assert lone <= dots
    assert len(points) <= in_lines + dots


@given(WHICH, LOGS, VISITS)
def test_the_table_holds_each_log_of_the_span_once_and_each_other_day_in_one_gap(
    which: str, logs: dict[date, int], visits: list[date]
) -> None:
    span = span_of(which, today=TODAY, visits=visits, logged=logs)
    rows = with_gaps(span, within(span, logs))
    shown = {row.day: row.value for row in rows if isinstance(row, Point)}
    assert shown == {day: value for day, value in logs.items() if span.first <= day <= span.last}
    days = [
        row.first + timedelta(days=number) if isinstance(row, Gap) else row.day
        for row in rows
        for number in range((row.last - row.first).days + 1 if isinstance(row, Gap) else 1)
    ]
    assert days == [span.first + timedelta(days=number) for number in range(span.days)]
