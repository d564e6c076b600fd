"""What changed around a visit: said in plain words, and only where enough was logged."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkin.charts import Point
from checkin.course import about, change_cell, change_words, changes, line_words

VISIT = date(2026, 11, 10)
LATER = VISIT + timedelta(days=30)


def on(days: int) -> date:
    return VISIT + timedelta(days=days)


def values(logs: dict[int, int]) -> dict[date, int]:
    return {on(days): value for days, value in logs.items()}


@pytest.mark.parametrize(
    ("logs", "today", "said"),
    [
        ({-7: 3, -1: 5, 2: 6, 8: 6}, LATER, "Your mood was about 4 before, and about 6 in the week after."),
        ({-2: 4, -1: 5, 2: 6, 3: 7}, LATER, "Your mood was about 4.5 before, and about 6.5 in the week after."),
        ({-2: 6, -1: 6, 2: 3, 3: 3}, LATER, "Your mood was about 6 before, and about 3 in the week after."),
        ({-2: 4, -1: 4, 2: 6, 3: 6}, on(8), "Your mood was about 4 before, and is about 6 so far."),
        # The day of the visit and the one after it, and what lies further away, count for neither side.
        ({-2: 4, -1: 4, 0: 9, 1: 9, 2: 6, 3: 6}, LATER, "Your mood was about 4 before, and about 6 in the week after."),
        (
            {-8: 0, -2: 4, -1: 4, 2: 6, 3: 6, 9: 0},
            LATER,
            "Your mood was about 4 before, and about 6 in the week after.",
        ),
        ({-1: 4, 2: 6, 3: 6}, LATER, "Your mood: too few days were logged to say."),
        ({-2: 4, -1: 4, 2: 6}, LATER, "Your mood: too few days were logged to say."),
        ({-2: 4, -1: 4}, LATER, "Your mood: too few days were logged to say."),
        ({-2: 4, -1: 4, 2: 6}, on(5), "Your mood: not enough days yet."),
        ({}, VISIT, "Your mood: not enough days yet."),
    ],
)
def test_a_visit_is_summed_up_in_one_sentence(logs: dict[int, int], today: date, said: str) -> None:
    (change,) = changes(values(logs), visits=[VISIT], today=today)
    assert change_words("Your mood", change) == said


def test_staff_read_the_same_in_a_cell() -> None:
    (whole,) = changes(values({-2: 4, -1: 5, 2: 6, 3: 7}), visits=[VISIT], today=LATER)
    (runs,) = changes(values({-2: 4, -1: 5, 2: 6, 3: 7}), visits=[VISIT], today=on(4))
    assert [change_cell(whole), change_cell(runs)] == ["4.5 before, 6.5 after", "4.5 before, 6.5 so far"]
    cells = [change_cell(changes({}, visits=[VISIT], today=today)[0]) for today in (on(3), LATER)]
    assert cells == ["Not enough days yet", "Too few days"]


def test_what_lies_beyond_another_visit_counts_for_that_one_alone() -> None:
    logs = values({-2: 2, -1: 2, 2: 6, 3: 6, 4: 0, 5: 9, 6: 8, 7: 8})
    first, second = changes(logs, visits=[on(4), VISIT, VISIT], today=LATER)
    assert (first.visit, first.before, first.after) == (VISIT, 2, 6)
    assert (second.visit, second.before, second.after) == (on(4), 6, 8)


def test_two_visits_in_one_week_may_leave_too_little_to_say_and_then_nothing_is_said() -> None:
    logs = {on(day): 5 for day in range(-7, 12)}
    first, second = changes(logs, visits=[VISIT, on(3)], today=LATER)
    assert (first.before, first.after) == (5, None)
    assert (second.before, second.after) == (None, 5)


def test_without_a_visit_there_is_no_change() -> None:
    assert changes(values({1: 4}), visits=[], today=LATER) == ()


@given(
    st.dictionaries(st.integers(-40, 40).map(on), st.integers(0, 10)),
    st.lists(st.integers(-40, 40).map(on), max_size=6),
)
def test_a_mean_is_never_outside_what_was_logged_and_missing_days_change_nothing(
    logs: dict[date, int], visits: list[date]
) -> None:
    found = changes(logs, visits=visits, today=LATER)
    assert [change.visit for change in found] == sorted(set(visits))
    for mean in (mean for change in found for mean in (change.before, change.after) if mean is not None):
        assert min(logs.values()) <= mean <= max(logs.values())


@pytest.mark.parametrize(("mean", "said"), [(4, "4"), (4.2, "4"), (4.3, "4.5"), (4.75, "5"), (0, "0"), (10, "10")])
def test_a_mean_is_said_to_the_nearest_half(mean: float, said: str) -> None:
    assert about(mean) == said


@pytest.mark.parametrize(
    ("points", "said"),
    [
        ([], "Your mood: nothing was logged in these days."),
        ([(0, 4)], "Your mood was 4 on Nov 10, the one day that was logged."),
        ([(0, 4), (2, 6)], "Your mood was 4 on Nov 10 and 6 on Nov 12: 2 higher."),
        ([(0, 6), (1, 0), (2, 4)], "Your mood was 6 on Nov 10 and 4 on Nov 12: 2 lower."),
        ([(0, 6), (1, 0), (2, 6)], "Your mood was 6 on Nov 10 and 6 on Nov 12: the same."),
    ],
)
def test_a_picture_is_said_in_one_sentence(points: list[tuple[int, int]], said: str) -> None:
    found = [Point(on(day), value) for day, value in points]
    assert line_words("Your mood", found, name_day=lambda day: f"on {day:%b} {day.day}") == said
