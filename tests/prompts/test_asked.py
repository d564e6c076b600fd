"""A code or an invitation that somebody asked for: it leaves at once, once, while its token can still be used."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import AuditEvent, Channel, Token
from accounts.services import change_number, forget_what_is_over, invite, send_invitation, stop_texts
from accounts.services.invitations import invitation_link
from accounts.services.way_back import way_back_code
from accounts.signals import message_wanted
from accounts.states import ChannelKind, TokenKind
from aftercare.tenancy import tenant
from aftercare.words import NOTICE_WORDS, found_words
from prompts.channels.inbox import Inbox
from prompts.models import Attempt, Prompt
from prompts.queries import messages_page
from prompts.services import deliver_due, plan_treatment_prompts, stop_prompts
from prompts.states import PromptState
from tests.prompts.conftest import ADDRESS, NUMBER, ago, agree, let_the_lease_end, quiet, row
from tests.world import HOUR_ZERO, World

pytestmark = pytest.mark.usefixtures("committed")

Ask = Callable[..., Prompt]


@pytest.fixture
def ask(world: World, mail: Inbox) -> Ask:
    """ask("code", ChannelKind.SMS): a message that somebody asks for now, with a fresh token."""

    def asking(kind: str = "code", by: str = ChannelKind.SMS, *, lasts: timedelta = timedelta(minutes=10)) -> Prompt:
        at = timezone.now()
        with tenant(world.clinic.pk):
            agree(world)
            token = make_token(world, kind, expires_at=at + lasts)
            channel = Channel.objects.get(patient=world.patient, kind=by)
            message_wanted.send(Token, patient=world.patient, token=token, kind=kind, channel=channel, at=at)
            return Prompt.objects.get(token=token)

    return asking


def make_token(world: World, kind: str, *, expires_at: Any) -> Token:
    kinds = {"code": TokenKind.WAY_BACK, "invitation": TokenKind.INVITATION, "test": TokenKind.TEST_NOTE}
    return Token.objects.create(
        kind=kinds[kind],
        hash=f"{kind} {timezone.now()}",
        clinic=world.clinic,
        subject=world.patient.pk,
        expires_at=expires_at,
    )


def token_of(prompt: Prompt) -> Token:
    assert prompt.token_id
    return Token.objects.get(pk=prompt.token_id)


def test_a_code_leaves_as_a_text_at_once(world: World, mail: Inbox, ask: Ask) -> None:
    prompt = ask()
    assert str(deliver_due()) == "sent 1"
    assert str(deliver_due()) == "nothing due"
    (text,) = mail.messages
    assert text["to"] == NUMBER
    assert (
        text["body"]
        == f"Cedar Street: your code is {way_back_code(token_of(prompt))}. It ends in 10 minutes. Not you? Ignore it."
    )
    assert row(world, prompt).state == PromptState.SENT


def test_a_code_leaves_as_an_e_mail_and_not_in_its_subject(world: World, mail: Inbox, ask: Ask) -> None:
    prompt = ask(by=ChannelKind.EMAIL)
    deliver_due()
    (letter,) = mail.letters
    assert letter["To"] == ADDRESS
    code = way_back_code(token_of(prompt))
    assert code in letter.as_string()
    assert not set(letter["Subject"]) & set("0123456789")


@pytest.mark.parametrize("by", [ChannelKind.SMS, ChannelKind.EMAIL])
def test_a_test_says_that_it_is_one_and_asks_nothing(world: World, mail: Inbox, ask: Ask, by: ChannelKind) -> None:
    ask("test", by)
    assert str(deliver_due()) == "sent 1"
    (message,) = mail.messages
    if by == ChannelKind.SMS:
        assert message["body"] == "Cedar Street: this is a test. All is well. Reply STOP to end."
    else:
        assert message["subject"] == "A test for you"
        assert "This is a test. All is well." in message["body"]


@pytest.mark.parametrize("by", [ChannelKind.SMS, ChannelKind.EMAIL])
def test_an_invitation_carries_its_link_and_tells_nobody_why(world: World, mail: Inbox, by: ChannelKind) -> None:
    at = timezone.now()
    with tenant(world.clinic.pk):
        agree(world)
        token = invite(world.patient, planned_for=at + timedelta(days=2), by=world.nurse, at=at)
        channel = Channel.objects.get(kind=by)
        send_invitation(token, patient=world.patient, channel=channel, by=world.nurse, at=at)
    assert str(deliver_due()) == "sent 1"
    (message,) = mail.messages
    words = f"{message.get('from', '')}\n{message.get('subject', '')}\n{message['body']}"
    assert invitation_link(token) in words
    assert found_words(words, NOTICE_WORDS) == []


def test_an_invitation_whose_key_is_gone_is_cancelled_and_holds_up_nothing(world: World, mail: Inbox, ask: Ask) -> None:
    prompt = ask("invitation", lasts=timedelta(days=3))  # its stored hash fits no key
    other = ask()
    assert str(deliver_due()) == "cancelled 1, sent 1"
    assert row(world, prompt).state == PromptState.CANCELLED
    assert row(world, other).state == PromptState.SENT


@pytest.mark.parametrize("kind", ["code", "test"])
def test_what_somebody_waits_for_leaves_in_the_night(world: World, mail: Inbox, ask: Ask, kind: str) -> None:
    quiet(world, begins=timedelta(hours=-6))
    ask(kind)
    assert str(deliver_due()) == "sent 1"


@pytest.mark.parametrize("ending", [{"used_at": True}, {"revoked_at": True}, {"expires_at": True}])
def test_a_token_that_is_over_sends_nothing(world: World, mail: Inbox, ask: Ask, ending: dict[str, bool]) -> None:
    prompt = ask()
    Token.objects.update(**dict.fromkeys(ending, ago(seconds=1)))
    assert str(deliver_due()) == "cancelled 1"
    assert row(world, prompt).reason == "used, withdrawn or over"
    assert mail.messages == []


def test_a_busy_provider_is_asked_again_and_the_minutes_that_are_left_are_said(
    world: World, mail: Inbox, ask: Ask
) -> None:
    ask()
    mail.answers.append({"status": 503})
    deliver_due()
    Token.objects.update(expires_at=timezone.now() + timedelta(minutes=4))
    let_the_lease_end(world)
    assert str(deliver_due()) == "sent 1"
    assert "It ends in 4 minutes." in mail.messages[0]["body"]


def test_an_ambiguous_answer_is_never_sent_again(world: World, mail: Inbox, ask: Ask) -> None:
    prompt = ask()
    mail.answers.append({"status": 500})
    deliver_due()
    let_the_lease_end(world)
    assert deliver_due().total == 0
    assert row(world, prompt).state == PromptState.UNKNOWN


def test_a_code_waits_half_an_hour_at_most_and_never_longer_than_it_works(world: World, ask: Ask) -> None:
    short, long = ask(), ask(lasts=timedelta(hours=2))
    assert short.window_ends_at - short.due_at == timedelta(minutes=10)
    assert long.window_ends_at - long.due_at == timedelta(minutes=30)


def test_an_invitation_waits_as_long_as_it_works(world: World, ask: Ask) -> None:
    prompt = ask("invitation", lasts=timedelta(days=3))
    assert prompt.window_ends_at - prompt.due_at == timedelta(days=3)


def test_asked_for_twice_with_one_token_it_is_one_message(world: World, mail: Inbox, ask: Ask) -> None:
    prompt = ask()
    with tenant(world.clinic.pk):
        channel = Channel.objects.get(kind=ChannelKind.SMS)
        message_wanted.send(
            Token, patient=world.patient, token=token_of(prompt), kind="code", channel=channel, at=timezone.now()
        )
    assert str(deliver_due()) == "sent 1"


def test_no_row_and_no_log_line_holds_the_code(
    world: World, mail: Inbox, ask: Ask, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    prompt = ask()
    deliver_due()
    code = way_back_code(token_of(prompt))
    with tenant(world.clinic.pk):
        rows = [*Prompt.objects.values(), *Attempt.objects.values()]
    for held in (str(rows), caplog.text):
        assert code not in held
        assert way_back_code(token_of(prompt)) not in held


def test_stop_holds_back_a_code_by_text_that_waits(world: World, mail: Inbox, ask: Ask) -> None:
    prompt, other = ask(), ask(by=ChannelKind.EMAIL)
    stop_texts(NUMBER, at=timezone.now())
    assert str(deliver_due()) == "sent 1"
    assert (row(world, prompt).state, row(world, prompt).reason) == (PromptState.CANCELLED, "channel stopped")
    assert row(world, other).state == PromptState.SENT


def test_without_a_provider_nothing_is_shown_in_the_app_instead(
    world: World, mail: Inbox, ask: Ask, settings: Settings
) -> None:
    settings.SMS_BASE_URL = ""
    prompt = ask()
    deliver_due()
    assert (row(world, prompt).state, row(world, prompt).channel) == (PromptState.CANCELLED, ChannelKind.SMS)


def test_a_plan_knows_nothing_of_what_was_asked_for(world: World, mail: Inbox, ask: Ask) -> None:
    prompts = [ask() for _ in range(7)]
    with tenant(world.clinic.pk):
        treatment = world.treatment(plan_number=1)
        planned = plan_treatment_prompts(treatment, at=HOUR_ZERO)
        assert sum(prompt.channel == ChannelKind.SMS for prompt in planned) == 2
        assert stop_prompts(treatment, at=HOUR_ZERO) == len(planned)
    assert str(deliver_due()).endswith("sent 7")
    assert {row(world, prompt).plan_number for prompt in prompts} == {0}


def test_the_patients_messages_list_no_code(world: World, mail: Inbox, ask: Ask) -> None:
    ask()
    ask(by=ChannelKind.EMAIL)
    with tenant(world.clinic.pk):
        before = messages_page(world.patient, timezone.now())
    deliver_due()
    with tenant(world.clinic.pk):
        after = messages_page(world.patient, timezone.now())
    assert (before.arrived, before.to_come, after.arrived, after.to_come) == ((), (), (), ())


def test_what_was_sent_for_a_token_goes_with_it(world: World, mail: Inbox, ask: Ask) -> None:
    """The hourly tidying knows no clinic, and the rows of a clinic are seen only inside it."""
    ask()
    deliver_due()
    Token.objects.update(expires_at=ago(days=9))
    assert forget_what_is_over() == 1
    with tenant(world.clinic.pk):
        assert not Prompt.objects.exists()


# A note to the number before, by day


@pytest.fixture
def by_day(world: World) -> None:
    quiet(world, begins=timedelta(hours=6))


def change_to(world: World, number: str) -> None:
    with tenant(world.clinic.pk):
        change_number(world.patient, number, texts_agreed=True, by=world.nurse, at=timezone.now())


@pytest.mark.usefixtures("by_day")
def test_the_number_before_gets_one_last_text(world: World, mail: Inbox) -> None:
    with tenant(world.clinic.pk):
        agree(world)
    change_to(world, "+12125550188")
    change_to(world, "+12125550177")
    deliver_due()
    assert {item["to"] for item in mail.messages} == {NUMBER, "+12125550188"}
    for item in mail.messages:
        assert "we have another phone number for you now. Not right? Call us:" in item["body"]
        assert found_words(item["body"], NOTICE_WORDS) == []
        assert "5550177" not in item["body"].replace("-", "")


@pytest.mark.usefixtures("by_day")
def test_a_busy_provider_is_asked_later_and_later_for_the_number_before(world: World, mail: Inbox) -> None:
    with tenant(world.clinic.pk):
        agree(world)
    change_to(world, "+12125550188")
    waits = []
    for _ in range(3):
        mail.answers.append({"status": 503})
        deliver_due()
        with tenant(world.clinic.pk):
            note, tried = Prompt.objects.get(kind="notice"), Attempt.objects.latest("pk")
        assert note.lease_until and tried.ended_at
        waits.append(round((note.lease_until - tried.ended_at).total_seconds()))
        let_the_lease_end(world)
    assert waits == pytest.approx([5, 20, 60], abs=2)


@pytest.mark.usefixtures("by_day")
def test_a_number_whose_texts_were_off_gets_none(world: World, mail: Inbox) -> None:
    with tenant(world.clinic.pk):
        agree(world)
    stop_texts(NUMBER, at=timezone.now())
    change_to(world, "+12125550188")
    deliver_due()
    assert not mail.messages


@pytest.mark.usefixtures("by_day")
def test_a_stop_reaches_a_note_that_waits(world: World, mail: Inbox) -> None:
    with tenant(world.clinic.pk):
        agree(world)
    change_to(world, "+12125550188")
    stop_texts(NUMBER, at=timezone.now())
    deliver_due()
    assert not mail.messages


@pytest.mark.usefixtures("by_day")
def test_a_number_that_comes_back_gets_no_note(world: World, mail: Inbox) -> None:
    with tenant(world.clinic.pk):
        agree(world)
    change_to(world, "+12125550188")
    change_to(world, NUMBER)
    deliver_due()
    assert [item["to"] for item in mail.messages] == ["+12125550188"]


@pytest.mark.usefixtures("by_day")
def test_two_taps_at_once_change_it_once_and_tell_the_old_number_alone(world: World, mail: Inbox) -> None:
    with tenant(world.clinic.pk):
        agree(world)

    def tap(_: int) -> None:
        try:
            change_to(world, "+12125550188")
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(tap, range(4)))
    deliver_due()
    assert [item["to"] for item in mail.messages] == [NUMBER]
    with tenant(world.clinic.pk):
        assert AuditEvent.objects.filter(action="number_changed").count() == 1
