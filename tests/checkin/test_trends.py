"""A fall of the mood, a rise of PHQ-9: by the letter of the rule, and nothing from what is missing."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from checkin.trends import MoodDay, Total, mood_fall, opens_help, phq_rise

START = date(2026, 11, 1)


def days(*moods: int | None) -> list[MoodDay]:
    """One day each; None is a day without a log."""
    return [MoodDay(START + timedelta(days=n), mood) for n, mood in enumerate(moods) if mood is not None]


@pytest.mark.parametrize(("mood", "opens"), [(0, True), (2, True), (3, False), (10, False)])
def test_help_opens_at_two_and_below(mood: int, opens: bool) -> None:
    assert opens_help(mood) is opens


@pytest.mark.parametrize(
    ("moods", "began"),
    [
        ((6, 6, 3, 3, 3), 3),
        ((6, 6, 3, 3, 4), None),  # the third day is not so far below
        ((6, 6, 3, 3), None),  # two days are none
        ((6, 3, 3, 3), None),  # one day before is no measure
        ((7, 6, 3, 3, 3), 3),  # 3 is 3.5 below the mean of 6.5
        ((6, 6, 5, 3, 3, 3), None),  # their mean is 5.67: 2.67 below
        ((6, 6, None, 3, None, 3, 3), 4),  # within five days, a gap between
        ((6, 6, 3, None, 3, None, 3), 3),
        ((6, 6, 3, None, None, 3, 3), 3),  # the first and the third are five days, both counted
        ((6, 6, 3, None, None, None, 3, 3), None),  # six days
        ((6, 6, 3, None, None, 3, None, 3), None),
        ((9, 9, *[7] * 7, 4, 4, 4), 10),  # only the last seven before them are the measure
        ((9, 9, *[7] * 6, 5, 4, 4, 4), None),
        ((6, 6, 3, 3, 3, 3, 3, 3), 3),  # it goes on, and is the same
        ((6, 6, 3, 3, 3, 5), None),  # it is over
        ((6, 6, 3, 3, 3, 5, 2, 2, 2), None),  # 2 is 2.33 below the mean of what was before
        ((9, 9, 4, 4, 4, 4, 4, 1, 1), 3),  # two days are no further fall
        ((9, 9, 4, 4, 4, 4, 4, 1, 1, 1), 8),  # a further one is a new one
        ((9, 9, 2, 2, 2, 2, 2), 3),  # one day more of the same is not
        ((6, 6, 3, 3, 3, 7, 7, 7, 7, 2, 2, 2), 10),  # a second one
        ((2, 2, 0, 0, 0), None),  # no further down than two
        ((), None),
    ],
    ids=str,
)
def test_a_fall_is_three_logged_days_in_a_row_far_below_what_was_before(
    moods: tuple[int | None, ...], began: int | None
) -> None:
    assert mood_fall(days(*moods)) == (START + timedelta(days=began - 1) if began else None)


@pytest.mark.parametrize(("gap", "falls"), [(30, True), (31, False)])
def test_what_was_logged_more_than_30_days_before_is_no_measure(gap: int, falls: bool) -> None:
    later = START + timedelta(days=gap)
    log = [*days(9, 9), *(MoodDay(later + timedelta(days=n), 2) for n in range(3))]
    assert (mood_fall(log) is not None) is falls


logs = st.lists(st.tuples(st.integers(1, 4), st.integers(0, 10)), max_size=20).map(
    lambda steps: [
        MoodDay(START + timedelta(days=sum(gap for gap, _ in steps[: n + 1])), mood)
        for n, (_, mood) in enumerate(steps)
    ]
)


# How long an example takes is the machine's business.
quietly = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@quietly
@given(logs)
def test_a_better_last_day_never_makes_a_fall(log: list[MoodDay]) -> None:
    if log and mood_fall(log) is None and log[-1].mood < 10:
        assert mood_fall([*log[:-1], MoodDay(log[-1].day, log[-1].mood + 1)]) is None


@quietly
@given(logs, st.integers(6, 40))
def test_days_without_a_log_are_no_fall_and_end_none(log: list[MoodDay], gap: int) -> None:
    """What comes after a long gap is never one of the first days of a fall from before it, and what is known stays known."""
    if not log:
        return
    later = MoodDay(log[-1].day + timedelta(days=gap), 0)
    before, after = mood_fall(log), mood_fall([*log, later])
    assert after is None if before is None else after is None or after <= log[-1].day


@quietly
@given(logs, st.integers(-400, 400))
def test_only_the_distance_of_days_counts(log: list[MoodDay], shift: int) -> None:
    moved = [MoodDay(each.day + timedelta(days=shift), each.mood) for each in log]
    found, then = mood_fall(log), mood_fall(moved)
    assert (found is None) is (then is None)
    if found and then:
        assert then - found == timedelta(days=shift)


@quietly
@given(logs)
def test_a_worse_day_never_ends_a_fall_or_finds_an_earlier_one(log: list[MoodDay]) -> None:
    fall = mood_fall(log)
    if fall:
        worse = MoodDay(log[-1].day + timedelta(days=1), 0)
        after = mood_fall([*log, worse])
        assert after is not None and after >= fall


AT = datetime(2026, 11, 28, 18, tzinfo=UTC)


@pytest.mark.parametrize(
    ("totals", "rises"),
    [
        ([(14, 8), (0, 13)], True),
        ([(14, 8), (0, 12)], False),
        ([(28, 4), (14, 8), (0, 12)], False),  # against the last one, not the lowest
        ([(28, 2), (14, 9), (0, 14)], True),
        ([(0, 20)], False),
        ([(14, 20), (0, 5)], False),
        ([(14, 8), (0.01, 20), (0, 13)], True),  # one sitting, put right
        ([(14, 8), (0.01, 4), (0, 9)], False),
        ([], False),
    ],
    ids=str,
)
def test_a_rise_is_five_points_above_the_last_sitting_before(totals: list[tuple[float, int]], rises: bool) -> None:
    assert phq_rise([Total(AT - timedelta(days=ago), total) for ago, total in totals]) is rises
