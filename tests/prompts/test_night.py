"""What is asked for keeps to quiet hours as a plan does, but for what somebody waits for with the phone in their hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db.models import F
from django.utils import timezone

from accounts.models import Channel, Token
from accounts.services import change_number, invite, send_invitation
from accounts.states import ChannelKind
from aftercare.tenancy import tenant
from checkin.services import follow_silence
from prompts.channels.inbox import Inbox
from prompts.models import Attempt, Prompt
from prompts.services import deliver_due, sweep
from prompts.states import PromptState
from tests.prompts.conftest import ago, agree, let_the_lease_end, quiet, row
from tests.world import World

pytestmark = pytest.mark.usefixtures("committed")

Due = Callable[..., list[Prompt]]
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
BUSY = {"status": 429}


def asked(world: World) -> Prompt:
    with tenant(world.clinic.pk):
        found: Prompt = Prompt.objects.exclude(token=None).get()
        return found


def pass_by(world: World, time: timedelta) -> None:
    with tenant(world.clinic.pk):
        Prompt.objects.update(due_at=F("due_at") - time, window_ends_at=F("window_ends_at") - time)
    Token.objects.update(expires_at=F("expires_at") - time)
    let_the_lease_end(world)


def change(world: World) -> Prompt:
    with tenant(world.clinic.pk):
        agree(world)
        change_number(world.patient, "+12125550188", texts_agreed=True, by=world.nurse, at=timezone.now())
    return asked(world)


def test_a_nudge_that_a_busy_provider_did_not_take_is_over_when_the_night_begins(
    world: World, mail: Inbox, due: Due
) -> None:
    night = quiet(world, begins=10 * MINUTE)
    due(steps=["check_1"], due_at=ago(minutes=40), sent_at=ago(minutes=40), state=PromptState.SENT)
    with tenant(world.clinic.pk):
        assert follow_silence(at=timezone.now()) == 1
    assert asked(world).window_ends_at == night
    mail.answers.append(BUSY)
    assert str(deliver_due()) == "waiting 1"
    pass_by(world, 15 * MINUTE)
    assert str(sweep()) == "skipped 1"
    assert mail.messages == []


def test_an_invitation_leaves_at_night_for_half_an_hour_and_then_in_the_morning(world: World, mail: Inbox) -> None:
    morning, at = quiet(world, begins=-2 * HOUR, lasts=10 * HOUR) + 10 * HOUR, timezone.now()
    with tenant(world.clinic.pk):
        agree(world)
        token = invite(world.patient, planned_for=at + timedelta(days=2), by=world.nurse, at=at)
        channel = Channel.objects.get(kind=ChannelKind.SMS)
        send_invitation(token, patient=world.patient, channel=channel, by=world.nurse, at=at)
    mail.answers.extend([BUSY, BUSY])
    for minutes in (29, 2):
        assert str(sweep()) == "waiting 1"
        pass_by(world, minutes * MINUTE)
    assert str(sweep()) == "waiting 1"
    with tenant(world.clinic.pk):
        assert Attempt.objects.count() == 2
    assert row(world, asked(world)).lease_until == morning
    quiet(world, begins=3 * HOUR)
    let_the_lease_end(world)
    assert str(sweep()) == "sent 1"


def test_a_note_to_the_number_before_is_due_as_the_night_ends(world: World, mail: Inbox) -> None:
    morning = quiet(world, begins=-2 * HOUR, lasts=10 * HOUR) + 10 * HOUR
    assert change(world).due_at == morning
    assert str(sweep()) == "nothing due"


@pytest.mark.parametrize("ends_in", [30 * HOUR, HOUR])
def test_a_note_that_was_held_up_into_the_night_waits_for_its_end_or_is_over_before(
    world: World, mail: Inbox, ends_in: timedelta
) -> None:
    quiet(world, begins=6 * HOUR)
    note = change(world)
    mail.answers.append(BUSY)
    assert str(deliver_due()) == "waiting 1"
    morning = quiet(world, begins=-MINUTE, lasts=10 * HOUR) + 10 * HOUR
    let_the_lease_end(world)
    ends_at = timezone.now() + ends_in
    with tenant(world.clinic.pk):
        Prompt.objects.update(window_ends_at=ends_at)
    assert str(deliver_due()) == "waiting 1"
    assert (row(world, note).lease_until, mail.messages) == (min(morning, ends_at), [])
