"""What one way certainly did not take goes on by the next, each once, inside the window; what it may have taken stays."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Channel, Token
from accounts.services import change_number, set_emails, stop_texts
from accounts.states import ChannelKind, TokenKind
from aftercare.tenancy import tenant
from prompts.channels.inbox import Inbox
from prompts.models import Attempt, MessageChoice, Prompt
from prompts.services import already_done, deliver_due, not_done, send_asked_for, sweep
from prompts.states import PromptState, Reason
from prompts.taps import TIP
from tests.prompts.conftest import NUMBER, agree, in_flight, let_the_lease_end, quiet, row
from tests.world import World

pytestmark = pytest.mark.usefixtures("committed")

Due = Callable[..., list[Prompt]]
REFUSED = {"status": 400, "code": 21606}
FULL = {"code": 552, "when": "rcpt"}


def tries(world: World) -> list[tuple[int, str, str]]:
    with tenant(world.clinic.pk):
        return list(Attempt.objects.order_by("pk").values_list("number", "channel", "outcome"))


def ended(world: World, prompt: Prompt) -> tuple[int, str]:
    return row(world, prompt).state, row(world, prompt).channel


def test_a_refused_text_goes_on_as_an_e_mail_in_the_same_run(world: World, mail: Inbox, due: Due) -> None:
    (prompt,) = due(channel=ChannelKind.SMS)
    mail.answers.append(REFUSED)
    assert str(deliver_due()) == "sent 1"
    assert ended(world, prompt) == (PromptState.SENT, ChannelKind.EMAIL)
    assert tries(world) == [(1, "sms", "refused"), (2, "email", "accepted")]
    assert len(mail.messages) == len(mail.letters) == 1
    assert deliver_due().total == sweep().total == 0


def test_refused_by_each_way_it_is_shown_in_the_app_once(world: World, mail: Inbox, due: Due) -> None:
    (prompt,) = due(channel=ChannelKind.SMS)
    mail.answers.append(REFUSED)
    mail.mail_answers.append(FULL)
    assert str(deliver_due()) == "sent 1"
    assert ended(world, prompt) == (PromptState.SENT, ChannelKind.IN_APP)
    assert tries(world) == [(1, "sms", "refused"), (2, "email", "refused")]
    assert mail.messages == []


def test_the_patients_own_order_holds_for_what_comes_next(world: World, mail: Inbox, due: Due) -> None:
    """E-mails first: a refused one goes on as a text, where the budget has one left."""
    with tenant(world.clinic.pk):
        MessageChoice.objects.create(clinic=world.clinic, patient=world.patient, first_way=ChannelKind.EMAIL)
    first, second, third = due(3)
    mail.mail_answers.extend([FULL] * 3)
    with tenant(world.clinic.pk):
        Prompt.objects.filter(pk__in=[first.pk, second.pk]).update(
            channel=ChannelKind.SMS, state=PromptState.SENT, sent_at=timezone.now()
        )
    assert str(deliver_due()) == "sent 1"
    assert ended(world, third) == (PromptState.SENT, ChannelKind.IN_APP)
    with tenant(world.clinic.pk):
        Prompt.objects.filter(pk=first.pk).update(channel=ChannelKind.EMAIL)
        Prompt.objects.filter(pk=third.pk).delete()
        again = world.prompt(
            row(world, first).treatment, step="again", due_at=timezone.now(), channel="email", kind="tip"
        )
    assert str(deliver_due()) == "sent 1"
    assert ended(world, again) == (PromptState.SENT, ChannelKind.SMS)


def test_a_notice_without_a_phone_behind_it_goes_by_the_next_way(world: World, mail: Inbox, due: Due) -> None:
    """A step that the document means to go out becomes a text; one for the app alone stays there."""
    with tenant(world.clinic.pk):
        Channel.objects.create(
            clinic=world.clinic, patient=world.patient, kind=ChannelKind.PUSH, consented_at=timezone.now()
        )
    going_out, quiet = due(2, channel=ChannelKind.PUSH)
    with tenant(world.clinic.pk):
        meant = next(t.key for t in going_out.treatment.document.prompts if t.by_text)
        Prompt.objects.filter(pk=going_out.pk).update(step=meant)
    assert str(deliver_due()) == "sent 2"
    assert ended(world, going_out) == (PromptState.SENT, ChannelKind.SMS)
    assert ended(world, quiet) == (PromptState.SENT, ChannelKind.IN_APP)
    assert len(mail.messages) == 1


@pytest.mark.parametrize("told", [{"status": 500}, {"status": 500, "accept": True}])
def test_what_may_have_been_taken_never_goes_on(world: World, mail: Inbox, due: Due, told: dict[str, Any]) -> None:
    (prompt,) = due(channel=ChannelKind.SMS)
    mail.answers.append(told)
    deliver_due()
    let_the_lease_end(world)
    assert deliver_due().total == sweep().total == 0
    assert ended(world, prompt) == (PromptState.UNKNOWN, ChannelKind.SMS)
    assert mail.letters == []


def test_a_provider_that_is_busy_too_often_leaves_it_to_the_next_way(world: World, mail: Inbox, due: Due) -> None:
    (prompt,) = due(channel=ChannelKind.SMS)
    mail.answers.extend([{"status": 429}] * 5)
    for _ in range(4):
        deliver_due()
        let_the_lease_end(world)
        assert row(world, prompt).state == PromptState.WAITING
    assert str(deliver_due()) == "sent 1"
    assert ended(world, prompt) == (PromptState.SENT, ChannelKind.EMAIL)
    assert [outcome for _, _, outcome in tries(world)] == ["not_accepted"] * 5 + ["accepted"]


def test_a_next_way_has_tries_of_its_own(world: World, mail: Inbox, due: Due) -> None:
    """A mail server may say "not now" to whom it does not know, also on the sixth try of all."""
    (prompt,) = due()
    with tenant(world.clinic.pk):
        Prompt.objects.update(tries=5)
        for number in range(1, 6):
            Attempt.objects.create(
                clinic=world.clinic, prompt=prompt, number=number, channel="sms", began_at=timezone.now(),
                outcome="not_accepted",
            )  # fmt: skip
    mail.mail_answers.append({"code": 450, "when": "rcpt"})
    deliver_due()
    assert row(world, prompt).state == PromptState.WAITING
    let_the_lease_end(world)
    assert str(deliver_due()) == "sent 1"


def test_refused_when_its_window_is_over_it_is_skipped(world: World, mail: Inbox, due: Due) -> None:
    (prompt,) = due(channel=ChannelKind.SMS, window_ends_at=timezone.now() + timedelta(seconds=1))
    mail.answers.append({**REFUSED, "hang": 1.5})
    deliver_due()
    assert row(world, prompt).state == PromptState.SKIPPED
    assert row(world, prompt).reason == "window over"
    assert mail.letters == []


def test_stop_while_the_text_is_in_flight_holds_the_next_try_back(world: World, mail: Inbox, due: Due) -> None:
    """The provider says "not now" to the text; by then its number has said STOP."""
    (prompt,) = due(channel=ChannelKind.SMS)
    mail.answers.append({"status": 429, "hang": 0.5})
    with in_flight(mail, lambda: stop_texts(NUMBER, at=timezone.now())):
        deliver_due()
    assert ended(world, prompt) == (PromptState.WAITING, ChannelKind.SMS)
    let_the_lease_end(world)
    assert str(deliver_due()) == "sent 1"
    assert ended(world, prompt) == (PromptState.SENT, ChannelKind.EMAIL)
    assert tries(world) == [(1, "sms", "not_accepted"), (3, "email", "accepted")]


def test_a_last_note_in_flight_goes_by_no_next_try_once_its_number_said_stop(world: World, mail: Inbox) -> None:
    quiet(world, begins=timedelta(hours=6))
    with tenant(world.clinic.pk):
        agree(world)
        change_number(world.patient, "+12125550188", texts_agreed=True, by=world.nurse, at=timezone.now())
        note = Prompt.objects.get(kind="notice")
    mail.answers.append({"status": 503, "hang": 0.5})
    with in_flight(mail, lambda: stop_texts(NUMBER, at=timezone.now())):
        assert str(deliver_due()) == "cancelled 1"
    let_the_lease_end(world)
    assert str(sweep()) == "nothing due"
    assert (row(world, note).state, row(world, note).reason) == (PromptState.CANCELLED, "channel stopped")
    assert mail.messages == []


@pytest.mark.parametrize("is_undone", [False, True])
def test_a_tip_in_flight_goes_by_no_next_way_once_it_was_done(
    world: World, mail: Inbox, due: Due, is_undone: bool
) -> None:
    (tip,) = due(channel=ChannelKind.SMS, steps=["home"], kind=TIP)
    mail.answers.append({**REFUSED, "hang": 0.5})

    def do_it() -> None:
        with tenant(world.clinic.pk):
            assert not already_done(world.patient, tip_id=tip.pk, at=timezone.now())
            if is_undone:
                not_done(world.patient, tip_id=tip.pk, at=timezone.now())

    with in_flight(mail, do_it):
        deliver_due()
    end = (PromptState.SENT, "") if is_undone else (PromptState.CANCELLED, Reason.ALREADY_DONE)
    assert (row(world, tip).state, row(world, tip).reason) == end
    assert len(mail.letters) == is_undone


def test_a_tip_that_was_done_in_flight_says_so_also_where_its_window_ended_meanwhile(
    world: World, mail: Inbox, due: Due
) -> None:
    """No later plan brings it back, as one does with what was only too late."""
    ends_at = timezone.now() + timedelta(seconds=4)
    (tip,) = due(channel=ChannelKind.SMS, steps=["home"], kind=TIP, window_ends_at=ends_at)
    mail.answers.append({**REFUSED, "hang": 5})

    def do_it() -> None:
        with tenant(world.clinic.pk):
            already_done(world.patient, tip_id=tip.pk, at=timezone.now())

    with in_flight(mail, do_it):
        deliver_due()
    assert (row(world, tip).state, row(world, tip).reason) == (PromptState.CANCELLED, Reason.ALREADY_DONE)


def test_consent_taken_back_during_the_flight_closes_the_next_way(world: World, mail: Inbox, due: Due) -> None:
    (prompt,) = due(channel=ChannelKind.SMS)
    mail.answers.append({**REFUSED, "hang": 0.5})

    def take_back() -> None:
        with tenant(world.clinic.pk):
            set_emails(world.patient, on=False, at=timezone.now())

    with in_flight(mail, take_back):
        deliver_due()
    assert ended(world, prompt) == (PromptState.SENT, ChannelKind.IN_APP)
    assert mail.letters == []


def test_an_asked_for_message_keeps_its_one_way(world: World, mail: Inbox) -> None:
    with tenant(world.clinic.pk):
        agree(world)
        token = Token.objects.create(
            kind=TokenKind.TEST_NOTE, hash="t", clinic_id=world.clinic.pk, subject=world.patient.pk,
            expires_at=timezone.now() + timedelta(minutes=9),
        )  # fmt: skip
        channel = Channel.objects.get(kind=ChannelKind.SMS)
        note = send_asked_for(world.patient, token=token, kind="test", channel=channel, at=timezone.now())
    mail.answers.append(REFUSED)
    deliver_due()
    assert ended(world, note) == (PromptState.FAILED, ChannelKind.SMS)
    assert mail.letters == []
