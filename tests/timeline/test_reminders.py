"""Reminders before a visit: at the clinic's times, once each, by a way that is open, never in quiet hours."""

from __future__ import annotations

import threading
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import Channel, Device, Escort, Token
from accounts.services import invitation_link, invite, record_consent
from accounts.states import ChannelKind, ConsentKind, ConsentWay, TokenKind
from aftercare.tenancy import tenant
from clinic.services import cancel_visit
from prompts.models import MessageChoice, Prompt
from prompts.services import deliver_due
from prompts.states import PromptState
from tests.conftest import Standin
from tests.world import HOUR_ZERO, World
from timeline.document import QuietHours
from timeline.models import SetUpNote, Treatment
from timeline.reminders import Due, reminder_due
from timeline.services import finish_part, remind_set_up
from timeline.set_up import PARTS
from timeline.states import TreatmentState

NEW_YORK = ZoneInfo("America/New_York")
QUIET = QuietHours(time(21), time(8))
VISIT = datetime(2026, 12, 3, 9, 30, tzinfo=NEW_YORK)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("before", "told", "due"),
    [
        (49, (), None),
        (48, (), Due(48, ())),
        (40, (), Due(48, ())),
        (40, (48,), None),
        (20, (48,), Due(20, ())),
        # Both are overdue: the nearer one stands for both.
        (20, (), Due(20, (48,))),
        (3, (48,), None),  # 6:30 am is quiet
        (1.4, (48,), Due(20, ())),
        (1.4, (48, 20), None),
        # The clinic added an earlier one, after the later one was sent.
        (13, (20,), None),
        (0, (48,), None),
        (-1, (), None),
    ],
)
def test_one_at_a_time_at_the_hours_of_the_clinic(before: float, told: tuple[int, ...], due: Due | None) -> None:
    found = reminder_due(
        [48, 20], planned_for=VISIT, planned_at=VISIT - 10 * 24 * HOUR, told=told, zone=NEW_YORK, quiet=QUIET,
        at=VISIT - before * HOUR,
    )  # fmt: skip
    assert found == due


@pytest.mark.parametrize(
    ("at", "is_due"),
    [
        (datetime(2026, 12, 2, 20, 59, tzinfo=NEW_YORK), False),
        # 12 hours before is 9:30 pm: quiet, so it comes when quiet hours end.
        (datetime(2026, 12, 2, 21, 30, tzinfo=NEW_YORK), False),
        (datetime(2026, 12, 3, 7, 59, tzinfo=NEW_YORK), False),
        (datetime(2026, 12, 3, 8, 0, tzinfo=NEW_YORK), True),
        (datetime(2026, 12, 3, 9, 30, tzinfo=NEW_YORK), False),
    ],
)
def test_one_of_the_night_comes_in_the_morning_if_that_is_before_the_visit(at: datetime, is_due: bool) -> None:
    found = reminder_due(
        [12], planned_for=VISIT, planned_at=VISIT - 240 * HOUR, told=(), zone=NEW_YORK, quiet=QUIET, at=at
    )
    assert (found is not None) is is_due


def test_one_whose_time_was_over_when_the_visit_was_planned_does_not_come() -> None:
    known: dict[str, Any] = {"told": (), "zone": NEW_YORK, "quiet": QUIET, "planned_for": VISIT}
    assert reminder_due([48, 20], planned_at=VISIT - 19 * HOUR, at=VISIT - 17 * HOUR, **known) is None
    assert reminder_due([48, 20], planned_at=VISIT - 40 * HOUR, at=VISIT - 20 * HOUR, **known) == Due(20, ())


# With rows. Nothing is quiet there, so that the hour of the day does not matter.


@pytest.fixture
def texts(world: World) -> Channel:
    with tenant(world.clinic.pk):
        type(world.patient).objects.update(quiet_starts_at=time(0), quiet_ends_at=time(0))
        world.patient.refresh_from_db()
        return Channel.objects.create(
            clinic=world.clinic, patient=world.patient, kind=ChannelKind.SMS, address="+12125550142",
            consented_at=HOUR_ZERO,
        )  # fmt: skip


@pytest.fixture
def visit(world: World, texts: Channel) -> Treatment:
    with tenant(world.clinic.pk):
        Device.objects.create(clinic=world.clinic, patient=world.patient, bound_at=HOUR_ZERO)
        return world.treatment(TreatmentState.PLANNED, hour_zero=None, planned_for=timezone.now() + 19 * HOUR)


def noted() -> list[tuple[int, bool]]:
    return list(SetUpNote.objects.order_by("-hours").values_list("hours", "was_sent"))


pytest_db = pytest.mark.django_db


@pytest_db
def test_it_is_sent_once_and_the_one_that_it_stands_for_is_passed(world: World, visit: Treatment) -> None:
    at = timezone.now()
    assert [remind_set_up(world.clinic, at=at + n * HOUR) for n in range(3)] == [1, 0, 0]
    assert noted() == [(48, False), (20, True)]
    prompt = Prompt.objects.get()
    assert (prompt.kind, prompt.channel, prompt.state) == ("set_up", "sms", PromptState.WAITING)
    assert prompt.window_ends_at <= visit.planned_for


@pytest_db
def test_nothing_comes_once_all_that_is_needed_is_done(world: World, visit: Treatment) -> None:
    at = timezone.now()
    for part in PARTS:
        if part.is_needed and part.key not in {"people", "tonight", "about_you"}:
            finish_part(visit, part.key, at=at)
    # What staff noted counts as done.
    type(world.patient).objects.update(history=[])
    Treatment.objects.update(is_alone_tonight=False)
    assert remind_set_up(world.clinic, at=at) == 1
    SetUpNote.objects.all().delete()
    Escort.objects.create(clinic=world.clinic, patient=world.patient, name="Jo", task=Escort.Task.DRIVES)
    assert remind_set_up(world.clinic, at=at) == 0


@pytest_db
@pytest.mark.parametrize(
    "reason",
    ["no channel", "stopped", "nothing to open", "cancelled", "begun", "no hours", "taken back", "app alone", "past"],
)
def test_where_it_can_not_or_may_not_be_sent_nothing_is_noted(world: World, visit: Treatment, reason: str) -> None:
    at = timezone.now()
    match reason:
        case "no channel":
            Channel.objects.all().delete()
        case "stopped":
            Channel.objects.update(stopped_at=at)
        case "nothing to open":
            Device.objects.update(revoked_at=at)
        case "cancelled":
            cancel_visit(visit, by=world.nurse, at=at)
        case "begun":
            Treatment.objects.update(state=TreatmentState.IN_TREATMENT, started_at=at, started_by=world.nurse)
        case "taken back":
            record_consent(
                ConsentKind.APP,
                given=False,
                patient=world.patient,
                way=ConsentWay.SET_UP,
                by=world.patient,
                at=at,
            )
        case "app alone":
            MessageChoice.objects.create(clinic=world.clinic, patient=world.patient, first_way=ChannelKind.IN_APP)
        case "no hours":
            world.clinic.reminder_hours = []
        case _:
            at = visit.planned_for + HOUR
    assert remind_set_up(world.clinic, at=at) == 0
    assert noted() == [] and not Prompt.objects.exists()


@pytest_db
def test_a_way_that_opens_later_is_still_in_time_and_email_does_where_texts_are_off(
    world: World, visit: Treatment
) -> None:
    at = timezone.now()
    Channel.objects.update(stopped_at=at)
    assert remind_set_up(world.clinic, at=at) == 0
    Channel.objects.create(
        clinic=world.clinic, patient=world.patient, kind=ChannelKind.EMAIL, address="maya@example.org", consented_at=at
    )
    assert remind_set_up(world.clinic, at=at + HOUR) == 1
    assert Prompt.objects.get().channel == "email"


@pytest_db
def test_a_visit_that_is_cancelled_takes_the_waiting_one_along(world: World, visit: Treatment) -> None:
    remind_set_up(world.clinic, at=timezone.now())
    cancel_visit(visit, by=world.nurse, at=timezone.now())
    assert Token.objects.get(kind=TokenKind.SET_UP_NOTE).revoked_at is not None


@pytest.mark.parametrize("has_phone", [True, False])
def test_the_text_says_nothing_and_leads_to_the_set_up_or_to_the_open_invitation(
    committed: None, world: World, visit: Treatment, standin: Standin, has_phone: bool
) -> None:
    at = timezone.now()
    with tenant(world.clinic.pk):
        invitation = invite(world.patient, planned_for=visit.planned_for, by=world.nurse, at=at)
        if not has_phone:
            Device.objects.update(revoked_at=at)
        assert remind_set_up(world.clinic, at=at) == 1
    deliver_due()
    (text,) = [message["body"] for message in standin.inbox.messages]
    link = invitation_link(invitation) if not has_phone else "http://localhost:8000/set-up/"
    assert text == f"Cedar Street: a few things before your visit. {link} Reply STOP to end."


def test_two_workers_at_once_send_it_once(committed: None, world: World, visit: Treatment) -> None:
    at, ready, sent = timezone.now(), threading.Barrier(2), []

    def work() -> None:
        try:
            ready.wait()
            with tenant(world.clinic.pk):
                sent.append(remind_set_up(world.clinic, at=at))
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(sent) == [0, 1]
    with tenant(world.clinic.pk):
        assert noted() == [(48, False), (20, True)]
        assert Prompt.objects.count() == 1
