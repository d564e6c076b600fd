"""Whom an alert tells at which minute, and by when a call today is due. Tables, without a database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from accounts.hours import read_hours
from alerts.ladder import due_at, steps
from timeline.levels import Level

NEW_YORK = ZoneInfo("America/New_York")
WEEKDAYS = read_hours({day: ["08:00", "18:00"] for day in ("mon", "tue", "wed", "thu", "fri")}, ["2026-11-26"])
NEVER = read_hours({}, [])


def rungs(level: Level) -> list[tuple[int, tuple[int, ...], str]]:
    return [(step.minute, step.seats, "+".join(step.channels)) for step in steps(level)]


@pytest.mark.parametrize("level", [Level.EMERGENCY, Level.CRISIS])
def test_an_emergency_tells_two_people_at_once_then_climbs_at_3_6_10(level: Level) -> None:
    assert rungs(level) == [
        (0, (0, 1), "sms"),
        (3, (0, 1), "sms+voice"),
        (6, (0, 1), "sms+voice"),
        (10, (0, 1), "sms+voice"),
    ]


def test_an_urgent_one_tells_the_first_at_once_then_both_at_5_10_15() -> None:
    assert rungs(Level.URGENT) == [
        (0, (0,), "sms"),
        (5, (0, 1), "sms+voice"),
        (10, (0, 1), "sms+voice"),
        (15, (0, 1), "sms+voice"),
    ]


@pytest.mark.parametrize("level", [Level.ROUTINE, Level.CALL_TODAY])
def test_nobody_is_paged_for_less(level: Level) -> None:
    assert steps(level) == ()


def test_where_nobody_looks_at_a_list_one_person_is_told_once_and_has_half_an_hour() -> None:
    assert [(step.minute, step.seats, step.channels) for step in steps(Level.CALL_TODAY, tells_duty=True)] == [
        (0, (0,), ("sms",))
    ]
    assert steps(Level.URGENT, tells_duty=True) == steps(Level.URGENT)
    at = local("2026-11-24T22:00")
    assert due_at(Level.CALL_TODAY, at, WEEKDAYS, NEW_YORK, tells_duty=True) == at + timedelta(minutes=30)


def local(text: str, zone: ZoneInfo = NEW_YORK) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


@pytest.mark.parametrize(
    ("at", "due"),
    [
        ("2026-11-24T09:00", "2026-11-24T11:00"),  # Tuesday, open
        ("2026-11-24T07:00", "2026-11-24T10:00"),  # before it opens
        ("2026-11-24T16:00", "2026-11-24T18:00"),  # as it closes
        ("2026-11-24T17:30", "2026-11-25T09:30"),  # half an hour today, the rest tomorrow
        ("2026-11-25T19:00", "2026-11-27T10:00"),  # Thursday is a holiday
        ("2026-11-27T17:00", "2026-11-30T09:00"),  # over the weekend
        ("2026-10-30T17:00", "2026-11-02T09:00"),  # and over the end of summer time
    ],
)
def test_a_call_today_is_due_after_two_open_hours(at: str, due: str) -> None:
    assert due_at(Level.CALL_TODAY, local(at).astimezone(UTC), WEEKDAYS, NEW_YORK) == local(due)


def test_a_clinic_without_hours_has_two_hours() -> None:
    at = local("2026-11-24T03:00")
    assert due_at(Level.CALL_TODAY, at, NEVER, NEW_YORK) == at + timedelta(hours=2)


@pytest.mark.parametrize("level", [Level.URGENT, Level.CRISIS, Level.EMERGENCY])
def test_a_red_level_is_due_at_once(level: Level) -> None:
    at = local("2026-11-24T03:00")
    assert due_at(level, at, WEEKDAYS, NEW_YORK) == at
