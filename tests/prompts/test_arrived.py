"""What a text to us does, by the provider's signed hook: it ends and starts texts, reaches staff, and is answered neutrally."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.dispatch import Signal
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import Channel, Consent, Escort
from accounts.services import let_text, name_escort, record_consent, set_emails, set_push, set_texts, throttle
from accounts.signals import address_stopped, channel_started
from accounts.states import ChannelKind, ConsentKind, ConsentWay
from aftercare.tenancy import current_clinic_id, tenant
from aftercare.words import NOTICE_WORDS, found_words
from alerts.models import Alert, AlertNotice
from alerts.services import close_alert
from alerts.states import Cause, Closing
from prompts.models import MessageChoice, Reply
from prompts.services import forget_heard, take_text
from prompts.services.arrived import HOUR, KEEPS_AN_HOUR
from prompts.signals import reply_left
from prompts.states import ReplyKind
from prompts.words import nobody_answer
from tests.prompts.conftest import agree
from tests.prompts.test_hooks import HOST, SECRET, bring, words_of
from tests.world import World
from timeline.levels import Level

pytestmark = pytest.mark.django_db
NUMBER, JO = "+15550100177", "+15550100188"
NIGHT = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)  # three at night at the clinic


@pytest.fixture(autouse=True)
def provider(settings: Settings) -> None:
    settings.SMS_AUTH_TOKEN, settings.PUBLIC_URL = SECRET, HOST


def say(body: str, *, number: str = NUMBER, **more: str) -> str:
    """What a text is answered with."""
    response = bring("/hooks/texts/", {"From": number, "Body": body, **more})
    assert response.status_code == 200
    return words_of(response)


def kept(world: World) -> list[tuple[str, str]]:
    with tenant(world.clinic.pk):
        return list(Reply.objects.order_by("pk").values_list("kind", "words"))


def an_escort(world: World) -> Escort:
    at = timezone.now()
    jo = name_escort(world.patient, task=Escort.Task.DRIVES, name="Jo", phone=JO, by=world.patient, at=at)
    let_text(jo, on=True, at=at)
    record_consent(
        ConsentKind.ESCORT_TEXTS, given=True, patient=world.patient, escort=jo, way=ConsentWay.PICKUP, by=jo, at=at
    )
    return jo


def is_on(kind: ChannelKind = ChannelKind.SMS) -> bool:
    return Channel.objects.get(kind=kind).may_send


def last_word(kind: ConsentKind) -> tuple[bool, str]:
    said = Consent.objects.filter(kind=kind).latest("pk")
    return said.given, said.way


def test_words_reach_staff_as_one_alert_for_today_and_are_answered_once_an_hour(world: World) -> None:
    agree(world)
    before = timezone.now()
    answer = say("When may I <b>eat</b>?")
    assert "We may not read" in answer or "we may not read" in answer
    assert "555-010-0143" in answer and found_words(answer, NOTICE_WORDS) == [] and len(answer) <= 160
    assert [say("and drink?"), say("and drink?")] == ["", ""]
    assert kept(world) == [(ReplyKind.OTHER, "When may I <b>eat</b>?"), (ReplyKind.OTHER, "and drink?")]
    alert = Alert.objects.get()
    assert (alert.cause, alert.level, alert.patient) == (Cause.REPLY, Level.CALL_TODAY, world.patient)
    assert len(alert.reasons) == 2 and alert.opened_at >= before
    assert "eat" not in str(alert.reasons) and not AlertNotice.objects.exists()


def test_words_of_danger_page_somebody_and_are_answered_again(world: World) -> None:
    agree(world)
    say("hello")
    assert "In danger? Call 911." in say("I want to die")
    alert = Alert.objects.get()
    assert (alert.level, alert.lift) == (Level.URGENT, 1)
    assert AlertNotice.objects.filter(alert=alert).count() > 1
    assert "die" not in str(alert.reasons)


def test_a_text_after_the_alert_was_closed_is_an_alert_of_its_own(world: World) -> None:
    agree(world)
    say("hello")
    alert = Alert.objects.get()
    close_alert(alert, closing=Closing.NOT_NEEDED, done="Spoke.", is_reported=None, by=world.nurse, at=timezone.now())
    say("hello again")
    assert Alert.objects.count() == 2


def test_at_night_the_line_that_is_open_is_named(world: World) -> None:
    agree(world)
    assert "555-010-0143" in take_text({"From": NUMBER, "Body": "hello"}, at=NIGHT)
    world.clinic.after_hours_phone = ""
    world.clinic.save()
    assert "When we open, call 555-010-0142." in take_text({"From": NUMBER, "Body": "die"}, at=NIGHT)


def test_help_says_who_to_call_and_how_to_end_and_staff_see_it(world: World) -> None:
    agree(world)
    answer = say("HELP")
    assert "555-010-014" in answer and "Reply STOP to end." in answer and answer.startswith("Cedar Street: ")
    assert "In danger? Call 911." in answer  # the clinic is in the US
    assert kept(world) == [(ReplyKind.HELP, "HELP")]
    assert Alert.objects.get().level == Level.CALL_TODAY


def test_an_answer_comes_under_the_name_that_the_patient_chose(world: World) -> None:
    agree(world)
    MessageChoice.objects.create(clinic=world.clinic, patient=world.patient, alias="Green list")
    assert say("HELP").startswith("Green list: ")


def test_stop_ends_texts_alone_and_start_undoes_it_by_the_same_way(world: World) -> None:
    agree(world)
    assert say("Stop") == ""
    assert (is_on(), is_on(ChannelKind.EMAIL)) == (False, True)
    assert last_word(ConsentKind.TEXTS) == (False, ConsentWay.REPLY)
    assert "texts are on" in say("START")
    assert is_on() and last_word(ConsentKind.TEXTS) == (True, ConsentWay.REPLY)
    assert kept(world) == [(ReplyKind.STOP, ""), (ReplyKind.START, "")]
    assert not Alert.objects.exists()


def test_a_start_that_is_brought_again_after_a_stop_starts_nothing_and_a_stop_is_always_obeyed(world: World) -> None:
    agree(world)
    say("STOP", MessageSid="SM1")
    assert "texts are on" in say("START", MessageSid="SM2")
    say("STOP", MessageSid="SM3")
    assert (say("START", MessageSid="SM2"), is_on()) == ("", False)
    assert "texts are on" in say("START", MessageSid="SM4")
    assert (say("STOP", MessageSid="SM3"), is_on()) == ("", False)


def test_a_text_that_failed_may_be_brought_again_and_one_of_long_ago_is_forgotten(world: World) -> None:
    agree(world)
    with pytest.raises(RuntimeError), wrong_at_the_first(reply_left):
        say("hello", MessageSid="SM1")
    say("hello", MessageSid="SM1")
    assert kept(world) == [(ReplyKind.OTHER, "hello")]
    assert [forget_heard(at=timezone.now() + timedelta(days=days)) for days in (399, 401)] == [0, 1]


def test_start_is_never_a_first_yes_and_undoes_no_other_no(world: World) -> None:
    channel = Channel.objects.create(
        clinic=world.clinic, patient=world.patient, kind=ChannelKind.SMS, address=NUMBER, consented_at=None
    )
    assert "can't turn texts on" in say("start")
    set_texts(world.patient, on=True, at=timezone.now())
    set_texts(world.patient, on=False, at=timezone.now())
    assert "can't turn texts on" in say("start")
    channel.refresh_from_db()
    assert not channel.may_send


def test_start_opens_a_number_that_took_nothing(world: World) -> None:
    agree(world)
    Channel.objects.filter(kind=ChannelKind.SMS).update(failed_at=timezone.now(), failed_code="21610")
    assert "texts are on" in say("unstop")
    assert is_on()


def test_revoke_all_ends_every_way_of_whoever_has_the_number(world: World) -> None:
    agree(world)
    set_emails(world.patient, on=True, at=timezone.now())
    set_push(world.patient, on=True, at=timezone.now())
    assert say("Revoke all") == ""
    assert [is_on(kind) for kind in (ChannelKind.SMS, ChannelKind.EMAIL, ChannelKind.PUSH)] == [False] * 3
    for kind in (ConsentKind.TEXTS, ConsentKind.EMAILS, ConsentKind.PUSH):
        assert last_word(kind) == (False, ConsentWay.REPLY)
    assert say("START") and not is_on(ChannelKind.EMAIL) and is_on()


def test_a_stop_with_words_of_danger_stops_and_is_heard(world: World) -> None:
    agree(world)
    assert "In danger?" in say("Stop I want to die")
    assert not is_on() and Alert.objects.get().level == Level.URGENT
    assert [kind for kind, _ in kept(world)] == [ReplyKind.STOP, ReplyKind.OTHER]


def test_any_words_beside_a_stop_are_for_a_person(world: World) -> None:
    agree(world)
    assert "we may not read" in say("Stop. I feel odd about it").casefold()
    assert not is_on() and Alert.objects.get().level == Level.CALL_TODAY
    assert kept(world) == [(ReplyKind.STOP, ""), (ReplyKind.OTHER, "Stop. I feel odd about it")]


def test_a_stop_in_ones_own_words_is_one(world: World) -> None:
    agree(world)
    assert say("Please stop texting me") == ""
    assert not is_on() and kept(world) == [(ReplyKind.STOP, "")]


def test_words_of_danger_are_kept_however_many_came_before(world: World) -> None:
    agree(world)
    for _ in range(KEEPS_AN_HOUR):
        throttle("texts-kept", NUMBER, at_most=KEEPS_AN_HOUR, within=HOUR)
    for words in ("hello", "I cannot breathe"):
        say(words)
    assert kept(world) == [(ReplyKind.OTHER, "I cannot breathe")]


def test_what_goes_wrong_at_one_clinic_holds_up_no_other_and_is_told(world: World, other_world: World) -> None:
    for one in (world, other_world):
        with tenant(one.clinic.pk):
            agree(one)
    with pytest.raises(RuntimeError), wrong_at_the_first(address_stopped):
        say("STOP")
    assert sorted(on_at(one) for one in (world, other_world)) == [False, True]
    say("STOP")
    with pytest.raises(RuntimeError), wrong_at_the_first(channel_started):
        say("START")
    assert sorted(on_at(one) for one in (world, other_world)) == [False, True]
    with pytest.raises(RuntimeError), wrong_at_the_first(reply_left):
        say("hello")
    assert sorted(alerts_at(one) for one in (world, other_world)) == [0, 1]


@contextmanager
def wrong_at_the_first(signal: Signal) -> Iterator[None]:
    """What is to happen at every clinic goes wrong at the one whose turn comes first."""
    seen: list[UUID] = []

    def fail(**_: Any) -> None:
        seen.append(current_clinic_id())
        if seen[0] == current_clinic_id():
            raise RuntimeError("one clinic's fault")

    signal.connect(fail)
    try:
        yield
    finally:
        signal.disconnect(fail)


def on_at(world: World) -> bool:
    with tenant(world.clinic.pk):
        return is_on()


def alerts_at(world: World) -> int:
    with tenant(world.clinic.pk):
        return Alert.objects.count()


def test_an_escorts_words_are_with_the_patient_and_answered_in_their_language(world: World) -> None:
    jo = an_escort(world)
    Escort.objects.filter(pk=jo.pk).update(language="es")
    assert "Llame al" in say("no despierta", number=JO)
    reply = Reply.objects.get()
    assert (reply.patient, reply.escort) == (world.patient, jo)
    assert any(str(reason).startswith("Jo texted at ") for reason in Alert.objects.get().reasons)
    say("STOP", number=JO)
    assert not is_on() and last_word(ConsentKind.ESCORT_TEXTS) == (False, ConsentWay.REPLY)
    say("START", number=JO)
    assert is_on() and last_word(ConsentKind.ESCORT_TEXTS) == (True, ConsentWay.REPLY)


def test_a_number_that_nobody_has_is_answered_and_nothing_is_kept(world: World) -> None:
    assert [say("hello"), say("hello")] == [nobody_answer("911"), ""]
    assert say("STOP", number="+15550100199") == ""
    assert kept(world) == [] and not Alert.objects.exists()


def test_a_machine_that_answers_each_answer_is_soon_answered_no_more(world: World) -> None:
    agree(world)
    answers = [say(f"HELP{'!' * count}") for count in range(8)]
    assert [bool(answer) for answer in answers] == [True] * 5 + [False] * 3


@pytest.mark.parametrize(
    ("body", "more", "words"),
    [
        ("", {}, ""),
        ("", {"NumMedia": "1"}, "[a picture or a file, which is not kept]"),
        ("look\0", {"NumMedia": "2"}, "look [a picture or a file, which is not kept]"),
        ("x" * 2000, {}, "x" * 1600),
        ("\u202e\u05e9\u05dc\u05d5\u05dd", {"NumMedia": "\0"}, "\u202e\u05e9\u05dc\u05d5\u05dd"),
    ],
)
def test_odd_texts_are_kept_as_far_as_they_can_be(world: World, body: str, more: dict[str, str], words: str) -> None:
    agree(world)
    assert say(body, **more)
    assert kept(world) == [(ReplyKind.OTHER, words)]


def test_two_clinics_each_keep_what_their_own_patient_texted(world: World, other_world: World) -> None:
    for one in (world, other_world):
        with tenant(one.clinic.pk):
            agree(one)
    assert say("hello")
    for one in (world, other_world):
        with tenant(one.clinic.pk):
            assert Reply.objects.get().patient == one.patient and Alert.objects.get().patient == one.patient


def test_the_same_text_brought_twice_is_kept_once(world: World) -> None:
    agree(world)
    form: dict[str, Any] = {"From": NUMBER, "Body": "hello"}
    at = timezone.now()
    for minutes in (0, 1, 5):
        take_text(form, at=at + timedelta(minutes=minutes))
    assert len(kept(world)) == 2
