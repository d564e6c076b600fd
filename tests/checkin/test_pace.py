"""Which day a log is of, when the log rests, and how often it is asked for."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from checkin.pace import day_of, days_between, next_log_on, rests_until
from checkin.states import LogPace

NEW_YORK = ZoneInfo("America/New_York")
ZERO = datetime(2026, 11, 2, 16, tzinfo=UTC)
PLAN, DAILY, WEEKLY, OFF = LogPace.PLAN, LogPace.DAILY, LogPace.WEEKLY, LogPace.OFF


@pytest.mark.parametrize(
    ("local", "day"),
    [
        ("2026-11-28 03:59", "2026-11-27"),
        ("2026-11-28 04:00", "2026-11-28"),
        ("2026-11-28 23:59", "2026-11-28"),
        ("2026-03-08 03:30", "2026-03-07"),  # two hours after the clock went forward
        ("2026-11-01 01:30", "2026-10-31"),  # an hour that comes twice
    ],
)
def test_the_hours_before_four_belong_to_the_day_before(local: str, day: str) -> None:
    at = datetime.fromisoformat(local).replace(tzinfo=NEW_YORK).astimezone(UTC)
    assert day_of(at, NEW_YORK) == date.fromisoformat(day)


def test_the_day_is_the_one_of_the_patients_clock() -> None:
    at = datetime(2026, 11, 28, 2, tzinfo=UTC)
    assert day_of(at, NEW_YORK) == date(2026, 11, 27)
    assert day_of(at, ZoneInfo("Asia/Tokyo")) == date(2026, 11, 28)


@pytest.mark.parametrize(("hours", "rests"), [(-1, True), (0, True), (23.9, True), (24, False), (700, False)], ids=str)
def test_it_rests_for_a_day_after_hour_zero(hours: float, rests: bool) -> None:
    until = rests_until([ZERO - timedelta(days=30), ZERO], at=ZERO + timedelta(hours=hours))
    assert until == (ZERO + timedelta(hours=24) if rests else None)


@pytest.mark.parametrize(
    ("pace", "days_after", "between"),
    [
        (PLAN, 1, 1),
        (PLAN, 14.9, 1),
        (PLAN, 15, 7),
        (PLAN, 30, 7),  # four weeks at the least
        (PLAN, 56.9, 7),
        (PLAN, 57, None),
        (DAILY, 300, 1),
        (WEEKLY, 2, 7),
        (OFF, 2, None),
    ],
)
def test_by_the_plan_it_is_daily_for_two_weeks_then_weekly_until_eight_are_over(
    pace: LogPace, days_after: float, between: int | None
) -> None:
    assert days_between(pace, last_visit=ZERO, at=ZERO + timedelta(days=days_after)) == between


def test_without_a_visit_only_a_choice_asks_for_it() -> None:
    assert [days_between(pace, last_visit=None, at=ZERO) for pace in (PLAN, DAILY, WEEKLY, OFF)] == [None, 1, 7, None]


@pytest.mark.parametrize(
    ("pace", "last", "expected"),
    [
        (DAILY, None, "2026-11-28"),
        (DAILY, "2026-11-28", "2026-11-29"),
        (DAILY, "2026-11-20", "2026-11-28"),
        (WEEKLY, "2026-11-27", "2026-12-04"),
        (WEEKLY, "2026-11-21", "2026-11-28"),
        (OFF, None, None),
    ],
)
def test_the_next_one_is_never_in_the_past(pace: LogPace, last: str | None, expected: str | None) -> None:
    today = date(2026, 11, 28)
    found = next_log_on(
        pace, last_visit=ZERO, last_day=date.fromisoformat(last) if last else None, today=today, at=ZERO
    )
    assert found == (date.fromisoformat(expected) if expected else None)
