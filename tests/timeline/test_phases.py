"""Phases, night and morning, the arc and the words for times, by table."""

from __future__ import annotations

import math
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from timeline.document import (
    Budget,
    Card,
    Driving,
    Notice,
    Phase,
    ProtocolDocument,
    QuietHours,
    Step,
)
from timeline.phases import (
    arc,
    card_now,
    clock_words,
    driving_holds,
    hour_number,
    is_morning,
    is_night,
    next_phase,
    phase_at,
    span_words,
    step_now,
    visit_words,
)

NEW_YORK = ZoneInfo("America/New_York")
KOLKATA = ZoneInfo("Asia/Kolkata")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")  # its summer time moves the clock by half an hour
KATHMANDU = ZoneInfo("Asia/Kathmandu")

EVENING_TO_EIGHT = QuietHours(time(21), time(8))
AFTER_MIDNIGHT = QuietHours(time(1), time(9))
BY_DAY = QuietHours(time(9), time(17))


def local(words: str, zone: ZoneInfo = NEW_YORK, *, fold: int = 0) -> datetime:
    return datetime.fromisoformat(words).replace(tzinfo=zone, fold=fold).astimezone(UTC)


def card(heading: str) -> Card:
    return Card(heading=heading, lead="", usual=(), do=(), later=(), steps=(), sources=())


PHASES = tuple(
    Phase(key=key, name=key, icon="dot", from_hour=starts, to_hour=ends, card=card(key))
    for key, starts, ends in (("back", 0, 3), ("settle", 3, 12), ("rest", 12, 18), ("clear", 18, 24))
)
NOTICE = Notice(heading="", lead="", points=(), sources=())
DOCUMENT = ProtocolDocument(
    schema=1,
    key="iv",
    name="IV",
    patient_name="Your visit",
    route="iv",
    language="en",
    hour_zero="treatment_end",
    minimum_stay_minutes=None,
    quiet_hours=EVENING_TO_EIGHT,
    budget=Budget(notices=6, asking=4, texts=2, gap_minutes=90),
    driving=Driving(hours=24, text="", sources=()),
    phases=PHASES,
    night=card("night"),
    morning=card("morning"),
    before=NOTICE,
    during=NOTICE,
    wrap_up=NOTICE,
    days_after=NOTICE,
    prompts=(),
)
HOUR_ZERO = local("2026-11-24 11:00")


@pytest.mark.parametrize(
    ("hours", "now", "then"),
    [
        (-0.5, None, "back"),
        (0, "back", "settle"),
        (2.99, "back", "settle"),
        (3, "settle", "rest"),
        (11.99, "settle", "rest"),
        (12, "rest", "clear"),
        (18, "clear", None),
        (23.99, "clear", None),
        (24, None, None),
    ],
)
def test_a_phase_holds_from_its_first_hour_to_before_its_last(hours: float, now: str | None, then: str | None) -> None:
    at = HOUR_ZERO + timedelta(hours=hours)
    found, following = (rule(PHASES, hour_zero=HOUR_ZERO, at=at) for rule in (phase_at, next_phase))
    assert (found and found.key, following and following.key) == (now, then)


@pytest.mark.parametrize(("hours", "number"), [(-1, 1), (0, 1), (0.99, 1), (1, 2), (4.7, 5), (23.99, 24), (24, 24)])
def test_the_first_hour_is_hour_one(hours: float, number: int) -> None:
    assert hour_number(HOUR_ZERO, at=HOUR_ZERO + timedelta(hours=hours)) == number


@pytest.mark.parametrize(
    ("hour_zero", "at", "number"),
    [
        # the clock goes back at 2 am on Nov 1: five hours on the wall are six that passed
        (local("2026-10-31 22:00"), local("2026-11-01 03:00"), 7),
        (local("2026-10-31 22:00"), local("2026-11-01 01:30", fold=0), 4),
        (local("2026-10-31 22:00"), local("2026-11-01 01:30", fold=1), 5),
        # and forward on March 8
        (local("2026-03-07 22:00"), local("2026-03-08 03:00"), 5),
        (local("2026-04-04 22:00", LORD_HOWE), local("2026-04-05 02:00", LORD_HOWE), 5),
    ],
)
def test_hours_are_the_ones_that_passed_when_the_clock_changes(hour_zero: datetime, at: datetime, number: int) -> None:
    assert hour_number(hour_zero, at=at) == number


@pytest.mark.parametrize(
    ("at", "zone", "quiet", "night"),
    [
        (local("2026-11-24 20:59"), NEW_YORK, EVENING_TO_EIGHT, False),
        (local("2026-11-24 21:00"), NEW_YORK, EVENING_TO_EIGHT, True),
        (local("2026-11-25 03:00"), NEW_YORK, EVENING_TO_EIGHT, True),
        (local("2026-11-25 07:59"), NEW_YORK, EVENING_TO_EIGHT, True),
        (local("2026-11-25 08:00"), NEW_YORK, EVENING_TO_EIGHT, False),
        (local("2026-11-25 00:30"), NEW_YORK, AFTER_MIDNIGHT, False),
        (local("2026-11-25 01:00"), NEW_YORK, AFTER_MIDNIGHT, True),
        (local("2026-11-25 12:00"), NEW_YORK, BY_DAY, True),
        (local("2026-11-25 17:00"), NEW_YORK, BY_DAY, False),
        # the same moment, in zones that differ by half and by a quarter of an hour
        (datetime(2026, 11, 24, 15, 29, tzinfo=UTC), KOLKATA, EVENING_TO_EIGHT, False),
        (datetime(2026, 11, 24, 15, 30, tzinfo=UTC), KOLKATA, EVENING_TO_EIGHT, True),
        (datetime(2026, 11, 24, 15, 15, tzinfo=UTC), KATHMANDU, EVENING_TO_EIGHT, True),
        # both times 1:30 of the long night
        (local("2026-11-01 01:30", fold=0), NEW_YORK, EVENING_TO_EIGHT, True),
        (local("2026-11-01 01:30", fold=1), NEW_YORK, EVENING_TO_EIGHT, True),
    ],
)
def test_night_is_the_quiet_hours_of_the_patients_clock(
    at: datetime, zone: ZoneInfo, quiet: QuietHours, night: bool
) -> None:
    assert is_night(at, zone, quiet) is night


def test_equal_quiet_hours_are_no_night() -> None:
    assert not is_night(HOUR_ZERO, NEW_YORK, QuietHours(time(8), time(8)))


@pytest.mark.parametrize(
    ("hour_zero", "at", "quiet", "morning"),
    [
        ("2026-11-24 11:00", "2026-11-25 07:59", EVENING_TO_EIGHT, False),
        ("2026-11-24 11:00", "2026-11-25 08:00", EVENING_TO_EIGHT, True),
        ("2026-11-24 11:00", "2026-11-25 10:59", EVENING_TO_EIGHT, True),
        ("2026-11-24 16:30", "2026-11-25 11:59", EVENING_TO_EIGHT, True),
        ("2026-11-24 16:30", "2026-11-25 12:00", EVENING_TO_EIGHT, False),
        # the same day is no morning after, however early it began
        ("2026-11-24 08:30", "2026-11-24 11:30", EVENING_TO_EIGHT, False),
        ("2026-11-24 08:00", "2026-11-24 08:30", EVENING_TO_EIGHT, False),
        # too short for a night
        ("2026-11-24 04:00", "2026-11-24 08:30", EVENING_TO_EIGHT, False),
        ("2026-11-23 23:00", "2026-11-24 08:30", EVENING_TO_EIGHT, True),
        ("2026-11-24 16:30", "2026-11-25 08:30", AFTER_MIDNIGHT, False),
        ("2026-11-24 16:30", "2026-11-25 09:30", AFTER_MIDNIGHT, True),
        # who sleeps by day gets no morning in the evening
        ("2026-11-24 18:00", "2026-11-25 17:30", BY_DAY, False),
        ("2026-10-31 16:00", "2026-11-01 08:30", EVENING_TO_EIGHT, True),
    ],
)
def test_morning_is_the_patients_own_after_a_night(hour_zero: str, at: str, quiet: QuietHours, morning: bool) -> None:
    assert is_morning(local(at), hour_zero=local(hour_zero), zone=NEW_YORK, quiet=quiet) is morning


@pytest.mark.parametrize(
    ("hour_zero", "at", "heading"),
    [
        ("2026-11-24 11:00", "2026-11-24 11:30", "back"),
        ("2026-11-24 11:00", "2026-11-24 16:00", "settle"),
        # hour 5 at night speaks of the night, whatever the phase
        ("2026-11-24 16:30", "2026-11-24 21:00", "night"),
        ("2026-11-24 20:00", "2026-11-24 21:30", "night"),
        # hour 16 in daytime speaks of the day
        ("2026-11-24 21:00", "2026-11-25 12:30", "rest"),
        ("2026-11-24 21:00", "2026-11-25 09:30", "morning"),
        ("2026-11-24 16:30", "2026-11-25 09:00", "morning"),
        ("2026-11-24 16:30", "2026-11-25 13:00", "clear"),
        # a minute before hour 0 (a clock that runs behind) and after the day
        ("2026-11-24 11:00", "2026-11-24 10:59", "back"),
        ("2026-11-24 11:00", "2026-11-25 12:30", "clear"),
    ],
)
def test_the_clock_decides_between_night_morning_and_phase(hour_zero: str, at: str, heading: str) -> None:
    shown = card_now(DOCUMENT, hour_zero=local(hour_zero), at=local(at), zone=NEW_YORK, quiet=EVENING_TO_EIGHT)
    assert shown.heading == heading


@pytest.mark.parametrize(
    ("hours", "hour_zero", "at", "holds"),
    [
        (24, "2026-11-24 11:00", "2026-11-25 10:59", True),
        (24, "2026-11-24 11:00", "2026-11-25 11:00", False),
        # the next day has begun, the hours are not over
        (12, "2026-11-24 16:00", "2026-11-25 03:59", True),
        (12, "2026-11-24 16:00", "2026-11-25 04:00", False),
        # the hours are over, the next day has not begun
        (8, "2026-11-24 09:00", "2026-11-24 23:59", True),
        (8, "2026-11-24 09:00", "2026-11-25 00:00", False),
        # a day of 25 hours: 24 that passed, not the same time on the clock
        (24, "2026-10-31 11:00", "2026-11-01 09:59", True),
        (24, "2026-10-31 11:00", "2026-11-01 10:00", False),
        (24, "2026-11-24 11:00", "2026-11-24 10:00", True),
    ],
)
def test_driving_is_off_until_the_hours_are_over_and_the_next_day_has_begun(
    hours: int, hour_zero: str, at: str, holds: bool
) -> None:
    driving = Driving(hours=hours, text="", sources=())
    assert driving_holds(driving, hour_zero=local(hour_zero), at=local(at), zone=NEW_YORK) is holds


@pytest.mark.parametrize(
    ("hours", "x", "y"), [(-3, 30, 116), (0, 30, 116), (12, 179, 40), (24, 328, 116), (40, 328, 116)]
)
def test_the_sun_goes_from_the_left_foot_over_the_top_to_the_right_foot(hours: float, x: float, y: float) -> None:
    picture = arc(PHASES, hours=hours)
    assert math.isclose(picture.x, x, abs_tol=0.11)
    assert math.isclose(picture.y, y, abs_tol=0.11)


@pytest.mark.parametrize(
    ("hours", "parts"),
    [
        (0, [(1, True), (2, True), (3, True), (4, True)]),
        (1, [(1, False), (1, True), (2, True), (3, True), (4, True)]),
        (3, [(1, False), (2, True), (3, True), (4, True)]),
        (5, [(1, False), (2, False), (2, True), (3, True), (4, True)]),
        (24, [(1, False), (2, False), (3, False), (4, False)]),
    ],
)
def test_only_what_is_still_to_come_is_pale(hours: float, parts: list[tuple[int, bool]]) -> None:
    assert [(part.phase, part.is_later) for part in arc(PHASES, hours=hours).parts] == parts


NOW = local("2026-11-24 16:00")


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        ("2026-11-24 11:00", "11 am"),
        ("2026-11-24 16:30", "4:30 pm"),
        ("2026-11-24 00:05", "12:05 am"),
        ("2026-11-24 12:00", "noon"),
        ("2026-11-24 12:05", "12:05 pm"),
        ("2026-11-25 08:10", "8:10 am tomorrow"),
        ("2026-11-25 00:00", "midnight"),
        ("2026-11-24 00:00", "midnight yesterday"),
        ("2026-11-23 18:00", "6 pm yesterday"),
        ("2026-11-27 09:00", "9 am on Fri, Nov 27"),
        ("2027-01-02 09:00", "9 am on Sat, Jan 2, 2027"),
    ],
)
def test_times_are_said_as_people_say_them(moment: str, words: str) -> None:
    assert clock_words(local(moment), zone=NEW_YORK, today=NOW) == words


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        ("2026-11-24 16:30", "Today at 4:30 pm"),
        ("2026-11-25 00:00", "Today at midnight"),
        ("2026-11-26 00:00", "Tomorrow at midnight"),
        ("2026-11-25 12:00", "Tomorrow at noon"),
        ("2026-11-27 09:00", "On Fri, Nov 27 at 9 am"),
    ],
)
def test_a_visit_is_said_with_its_day_first(moment: str, words: str) -> None:
    assert visit_words(local(moment), zone=NEW_YORK, today=NOW) == words


@pytest.mark.parametrize(
    ("moment", "zone", "words"),
    [
        (datetime(2026, 11, 24, 6, 0, tzinfo=UTC), KOLKATA, "11:30 am"),
        (datetime(2026, 11, 24, 6, 0, 59, tzinfo=UTC), KATHMANDU, "11:45 am"),
        (datetime(2026, 11, 24, 18, 30, tzinfo=UTC), KOLKATA, "midnight"),
        (datetime(2026, 11, 24, 18, 31, tzinfo=UTC), KOLKATA, "12:01 am tomorrow"),
    ],
)
def test_times_are_said_in_the_patients_zone(moment: datetime, zone: ZoneInfo, words: str) -> None:
    assert clock_words(moment, zone=zone, today=datetime(2026, 11, 24, 6, tzinfo=UTC)) == words


@pytest.mark.parametrize(
    ("starts", "ends", "words"),
    [
        ("2026-11-24 14:00", "2026-11-24 23:00", "2 pm to 11 pm"),
        ("2026-11-24 23:00", "2026-11-25 05:00", "11 pm to 5 am tomorrow"),
        ("2026-11-25 05:00", "2026-11-25 11:00", "5 am to 11 am tomorrow"),
        ("2026-11-23 23:00", "2026-11-24 05:00", "11 pm yesterday to 5 am"),
        ("2026-11-23 11:00", "2026-11-23 14:00", "11 am to 2 pm yesterday"),
        ("2026-11-24 15:00", "2026-11-25 00:00", "3 pm to midnight"),
        ("2026-11-25 00:00", "2026-11-25 06:00", "midnight to 6 am tomorrow"),
    ],
)
def test_a_span_says_its_day_once(starts: str, ends: str, words: str) -> None:
    assert span_words(local(starts), local(ends), zone=NEW_YORK, today=NOW) == words


STEPS = tuple(Step(key=key, icon="dot", title=key, note="") for key in ("water", "lie_down"))


@pytest.mark.parametrize(
    ("answers", "shown"),
    [
        ({}, ("water", "")),
        # just answered: nothing new for an hour, and it can be undone
        ({"water": ("done", 10)}, ("water", "done")),
        ({"water": ("not_now", 59)}, ("water", "not_now")),
        ({"water": ("done", 60)}, ("lie_down", "")),
        # put off is not forgotten: it comes back last
        ({"water": ("not_now", 61)}, ("lie_down", "")),
        ({"water": ("not_now", 130), "lie_down": ("done", 61)}, ("water", "")),
        ({"water": ("not_now", 61), "lie_down": ("not_now", 130)}, ("lie_down", "")),
        ({"water": ("done", 130), "lie_down": ("done", 61)}, None),
        # another card's step
        ({"walk": ("done", 1)}, ("water", "")),
    ],
)
def test_one_small_step_at_a_time(answers: dict[str, tuple[str, int]], shown: tuple[str, str] | None) -> None:
    given = {key: (answer, NOW - timedelta(minutes=minutes)) for key, (answer, minutes) in answers.items()}
    found = step_now(STEPS, answers=given, at=NOW)
    assert (found and (found.step.key, found.answer)) == shown


def test_a_card_without_steps_asks_for_nothing() -> None:
    assert step_now((), answers={}, at=NOW) is None
