"""Reminders of the log: only asked for, by the patient's clock, once a day at most, and never once the log is kept."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Channel, Patient
from accounts.services import record_consent
from accounts.states import ChannelKind, ConsentKind, ConsentWay
from aftercare.tenancy import tenant
from checkin.models import LogChoice
from checkin.pace import day_of
from checkin.reminders import LOOKS_AHEAD, hour_that_holds, hours_to_pick, reminder_due, reminder_on
from checkin.services import Said, choose_pace, record_log, remind_logs
from checkin.states import LogPace
from prompts.models import Prompt
from prompts.services import deliver_due, reach_first
from prompts.states import PromptState
from tests.checkin.pages import where
from tests.clinic.alerts import another_patient
from tests.clinic.pages import words
from tests.conftest import Standin
from tests.world import World
from timeline.document import QuietHours
from timeline.phases import is_night
from timeline.states import TreatmentState

PACE = "/log/how-often/"
NEW_YORK = ZoneInfo("America/New_York")
NIGHT = QuietHours(time(21), time(8))
ZERO = datetime(2026, 11, 2, 16, tzinfo=UTC)  # 11 am in New York
FIVE, DAY = time(17), timedelta(days=1)


def local(text: str, zone: ZoneInfo = NEW_YORK) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


@pytest.mark.parametrize(
    ("quiet", "hours"),
    [
        ((21, 8), [8, 11, 14, 17, 20]),
        ((8, 22), [22, 0, 2, 5, 7]),
        ((0, 0), [0, 6, 12, 17, 23]),
    ],
)
def test_the_hours_to_pick_are_few_and_never_quiet(quiet: tuple[int, int], hours: list[int]) -> None:
    assert [hour.hour for hour in hours_to_pick(QuietHours(time(quiet[0]), time(quiet[1])))] == hours


@pytest.mark.parametrize(
    ("picked", "holds"),
    [
        ("17:00", "17:00"),
        ("20:55", "20:30"),
        ("22:00", "20:30"),
        ("02:14", "20:30"),
        ("02:16", "08:00"),
        ("07:00", "08:00"),
    ],
)
def test_an_hour_that_has_become_quiet_moves_to_the_nearest_that_is_not(picked: str, holds: str) -> None:
    assert hour_that_holds(time.fromisoformat(picked), NIGHT) == time.fromisoformat(holds)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    day=st.dates(date(2026, 1, 1), date(2027, 12, 31)),
    zone=st.sampled_from(["America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu"]),
    starts=st.integers(0, 47),
    length=st.integers(0, 28),
    hour=st.integers(0, 23),
)
def test_a_reminder_comes_at_the_hour_that_holds_on_the_wall_and_never_by_night(
    day: date, zone: str, starts: int, length: int, hour: int
) -> None:
    place, ends = ZoneInfo(zone), (starts + length) % 48
    quiet = QuietHours(*(time(half // 2, half % 2 * 30) for half in (starts, ends)))
    reminder = reminder_on(day, time(hour), zone=place, quiet=quiet)
    if reminder is None:
        return
    assert day_of(reminder.due_at, place) == day
    wall = reminder.due_at.astimezone(place)
    meant = datetime.combine(wall.date(), hour_that_holds(time(hour), quiet))
    assert timedelta(0) <= wall.replace(tzinfo=None) - meant <= timedelta(hours=1)  # one that the clock leaves out
    minutes = (reminder.window_ends_at - reminder.due_at) // timedelta(minutes=1)
    assert 10 <= minutes <= 180
    assert not any(is_night(reminder.due_at + timedelta(minutes=m), place, quiet) for m in range(0, minutes, 5))


@pytest.mark.parametrize(
    ("at", "due"),
    [
        ("2026-11-03 17:00", None),  # hour 24 was at 11 am of this day
        ("2026-11-04 16:44", None),
        ("2026-11-04 16:45", "2026-11-04 17:00"),
        ("2026-11-04 19:59", "2026-11-04 17:00"),
        ("2026-11-04 20:00", None),
        ("2026-11-17 17:00", None),  # two weeks from hour 24: from then on once a week
        ("2026-11-18 17:00", None),
        ("2026-11-23 17:00", "2026-11-23 17:00"),
        ("2026-12-30 17:00", None),  # eight weeks are over
    ],
)
def test_it_is_due_from_the_second_day_on_when_the_pace_asks(at: str, due: str | None) -> None:
    last = date(2026, 11, 16) if at > "2026-11-17" else None
    found = reminder_due(
        FIVE,
        chosen_at=ZERO,
        pace=LogPace.PLAN,
        last_day=last,
        last_visit=ZERO,
        zone=NEW_YORK,
        quiet=NIGHT,
        at=local(at),
    )
    assert (found.due_at if found else None) == (local(due) if due else None)


def test_it_is_not_due_once_the_day_is_kept_nor_at_once_for_an_hour_that_is_over() -> None:
    at = local("2026-11-05 17:30")
    values: dict[str, Any] = {"last_visit": ZERO, "zone": NEW_YORK, "quiet": NIGHT, "at": at}
    for last_day, chosen_at, pace, is_due in [
        (None, ZERO, LogPace.DAILY, True),
        (date(2026, 11, 5), ZERO, LogPace.DAILY, False),
        (None, at - timedelta(minutes=1), LogPace.DAILY, False),
        (date(2026, 11, 4), ZERO, LogPace.WEEKLY, False),
        (None, ZERO, LogPace.OFF, False),
    ]:
        found = reminder_due(FIVE, chosen_at=chosen_at, pace=pace, last_day=last_day, **values)
        assert (found is not None) == is_due


@pytest.fixture
def asked(world: World) -> LogChoice:
    return wants_it(world)


def wants_it(world: World) -> LogChoice:
    """It is noon for the patient, who wants a text at noon; nothing of a visit is near."""
    now = timezone.now()
    Patient.objects.filter(pk=world.patient.pk).update(zone=f"Etc/GMT{now.hour - 12:+d}")
    world.patient.refresh_from_db()
    world.treatment(TreatmentState.CLOSED, hour_zero=now - timedelta(days=5))
    open_way(world.patient)
    return LogChoice.objects.create(
        clinic=world.clinic, patient=world.patient, pace=LogPace.PLAN, reminds_at=time(12), chosen_at=noon(world) - DAY
    )


def open_way(patient: Patient, number: str = "+12125550142") -> None:
    Channel.objects.create(
        clinic_id=patient.clinic_id, patient=patient, kind=ChannelKind.SMS, address=number, consented_at=timezone.now()
    )


def noon(world: World) -> datetime:
    zone = ZoneInfo(world.patient.zone)
    return datetime.combine(timezone.now().astimezone(zone), time(12), tzinfo=zone)


def look(world: World, *, at: datetime | None = None) -> int:
    return remind_logs(world.clinic.pk, at=at or noon(world))


@pytest.mark.django_db
def test_it_is_one_row_of_the_day_that_a_kept_log_stops(world: World, asked: LogChoice) -> None:
    assert (look(world, at=noon(world) - LOOKS_AHEAD), look(world), look(world)) == (1, 0, 0)
    prompt = Prompt.objects.get()
    assert (prompt.kind, prompt.channel, prompt.due_at) == ("log", ChannelKind.SMS, noon(world))
    assert prompt.asked_on == noon(world).date()
    record_log(world.patient, Said(6, 5, 3), key=uuid4(), at=noon(world))
    prompt.refresh_from_db()
    assert (prompt.state, look(world)) == (PromptState.CANCELLED, 0)


@pytest.mark.django_db
def test_one_that_has_left_is_the_only_one_of_its_day(world: World, asked: LogChoice) -> None:
    look(world)
    Prompt.objects.update(state=PromptState.SENT, sent_at=noon(world))
    choose_pace(world.patient, LogPace.DAILY, reminds_at=time(13), at=noon(world))
    assert look(world, at=noon(world) + timedelta(hours=1)) == 0
    assert Prompt.objects.get().state == PromptState.SENT


@pytest.mark.django_db
def test_another_hour_moves_what_waits_and_no_reminder_ends_it(world: World, asked: LogChoice) -> None:
    look(world, at=noon(world) - LOOKS_AHEAD)
    choose_pace(world.patient, LogPace.DAILY, reminds_at=time(13), at=noon(world) - LOOKS_AHEAD)
    assert (look(world), look(world, at=noon(world) + timedelta(hours=1))) == (0, 1)
    prompt = Prompt.objects.get()
    assert (prompt.state, prompt.due_at) == (PromptState.WAITING, noon(world) + timedelta(hours=1))
    choose_pace(world.patient, LogPace.DAILY, at=noon(world))
    assert Prompt.objects.get().state == PromptState.CANCELLED
    assert look(world, at=noon(world) + timedelta(hours=1)) == 0


def stopped(world: World) -> None:
    Channel.objects.update(stopped_at=timezone.now())


def in_treatment(world: World) -> None:
    world.treatment(TreatmentState.IN_TREATMENT, hour_zero=None)


def said_no(world: World) -> None:
    record_consent(
        ConsentKind.APP, given=False, patient=world.patient, way=ConsentWay.APP, by=world.patient, at=timezone.now()
    )


def asleep(world: World) -> None:
    Patient.objects.update(quiet_starts_at=time(11), quiet_ends_at=time(13))


@pytest.mark.django_db
@pytest.mark.parametrize("change", [stopped, in_treatment, said_no, asleep], ids=lambda change: change.__name__)
def test_none_is_written_without_a_way_by_night_in_treatment_or_after_a_no(
    world: World, asked: LogChoice, change: Callable[[World], None]
) -> None:
    change(world)
    assert look(world) == 0 and not Prompt.objects.exists()


@pytest.mark.django_db
def test_three_patients_cost_as_many_queries_as_one(world: World, asked: LogChoice) -> None:
    counts = []
    for others in (0, 2):
        for number in range(others):
            patient = another_patient(world, f"R{number}")
            Patient.objects.filter(pk=patient.pk).update(zone=world.patient.zone)
            open_way(patient, f"+1212555010{number}")
            LogChoice.objects.create(
                clinic=world.clinic,
                patient=patient,
                pace=LogPace.DAILY,
                reminds_at=time(12),
                chosen_at=asked.chosen_at,
            )
        Prompt.objects.all().delete()
        with CaptureQueriesContext(connection) as queries:
            assert look(world) == others + 1
        counts.append(len(queries))
    assert counts[0] == counts[1]


@pytest.mark.usefixtures("committed")
def test_it_leaves_as_a_line_that_tells_nothing_and_not_while_a_visit_goes_on(world: World, standin: Standin) -> None:
    with tenant(world.clinic.pk):
        wants_it(world)
        look(world)
        begun = world.treatment(TreatmentState.IN_TREATMENT, hour_zero=None)
    deliver_due(looks_back=None)
    with tenant(world.clinic.pk):
        assert (Prompt.objects.get().state, Prompt.objects.get().reason) == (PromptState.CANCELLED, "not at this time")
        begun.delete()
        assert look(world) == 1
    for _ in range(2):
        deliver_due(looks_back=None)
    bodies = [message["body"] for message in standin.inbox.messages]
    assert bodies == ["Cedar Street: two minutes for you, when you like. http://localhost:8000/log/ Reply STOP to end."]


@pytest.mark.django_db
def test_the_hour_is_the_patients_yes_and_none_is_picked_before(phone: Client, world: World) -> None:
    page = phone.get(PACE).content.decode()
    assert re.findall(r'name="remind" value="([^"]*)"[^>]*checked', page) == [""]
    assert where(phone.post(PACE, {"pace": "daily", "remind": "17:00"})) == "/log/"
    assert LogChoice.objects.get().reminds_at == FIVE
    # None comes while nothing can go out to them.
    assert "with a reminder" not in words(phone.get("/log/"))
    open_way(world.patient)
    assert "How often: each day, with a reminder at 5 pm" in words(phone.get("/log/"))
    assert re.findall(r'name="remind" value="([^"]*)"[^>]*checked', phone.get(PACE).content.decode()) == ["17:00"]
    phone.post(PACE, {"pace": "daily"})
    assert LogChoice.objects.get().reminds_at is None


@pytest.mark.django_db
def test_quiet_hours_over_its_hour_move_it_and_pages_say_so_and_keep_it(
    phone: Client, world: World, asked: LogChoice
) -> None:
    assert "About noon, on days with a log to do." in words(phone.get("/messages/"))
    Patient.objects.update(quiet_starts_at=time(11), quiet_ends_at=time(20))
    assert look(world, at=noon(world) - timedelta(minutes=90)) == 1
    why = "You picked noon. That is in your quiet hours now."
    assert f"About 10:30 am, on days with a log to do. {why}" in words(phone.get("/messages/"))
    assert f"{why} So it comes at 10:30 am." in words(phone.get(PACE))
    Patient.objects.update(quiet_starts_at=time(12, 5))
    assert "You picked noon. Your quiet hours begin right after that now." in words(phone.get("/messages/"))
    Patient.objects.update(quiet_starts_at=time(11))
    reach_first(world.patient, way="in_app", at=noon(world))
    assert "about your log" not in words(phone.get("/messages/"))
    reach_first(world.patient, way="", at=noon(world))
    page = phone.get(PACE).content.decode()
    assert re.findall(r'name="remind" value="([^"]*)"[^>]*checked', page) == ["10:30"]
    phone.post(PACE, {"pace": "daily", "remind": "10:30"})
    assert "picked" not in words(phone.get("/messages/"))
    phone.post(PACE, {"pace": "daily"})
    assert "about your log" not in words(phone.get("/messages/"))


@pytest.mark.django_db
@pytest.mark.parametrize(
    "sent",
    [{"pace": "daily", "remind": "22:00"}, {"pace": "daily", "remind": "\0x"}, {"pace": "off", "remind": "17:00"}],
)
def test_an_hour_by_night_or_without_a_pace_is_refused(phone: Client, sent: dict[str, str]) -> None:
    response = phone.post(PACE, sent)
    assert response.status_code == 422 and "reminder" in words(response)
    assert not LogChoice.objects.exists()
