"""What a provider says later of a text: in any order, twice, forged, before the flight is over, or when it is asked."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import closing, nullcontext
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import Channel, Token
from accounts.states import ChannelKind, TokenKind
from aftercare.tenancy import as_sender, tenant
from prompts.channels.inbox import Inbox
from prompts.channels.sms import signature
from prompts.models import Attempt, Prompt
from prompts.services import already_done, deliver_due, leave, look_up, not_done, send_asked_for, sweep
from prompts.services.rows import Ending, claimed, complete, hold
from prompts.states import PromptState
from prompts.taps import TIP
from tests.prompts.conftest import NUMBER, after_statement, ago, agree, in_flight, row
from tests.world import World

pytestmark = pytest.mark.usefixtures("committed")

Due = Callable[..., list[Prompt]]
SECRET, SMS, EMAIL, IN_APP = "standin", ChannelKind.SMS, ChannelKind.EMAIL, ChannelKind.IN_APP
UNCLEAR = {"status": 500, "accept": True}
# The first that is read of what was reported, once that is kept.
SETTLES = 'SELECT "prompts_attempt"."report"'


class Killed(BaseException):
    """The process is gone, in the middle of it."""


def kill() -> None:
    raise Killed


@pytest.fixture
def sent(mail: Inbox, due: Due) -> Callable[..., Prompt]:
    """sent(): a text that the provider took; sent(UNCLEAR): one of which nobody knows."""

    def send(told: dict[str, Any] | None = None, *, step: str = "check_1") -> Prompt:
        (prompt,) = due(channel=SMS, steps=[step])
        mail.answers.extend([told] if told else [])
        deliver_due()
        return prompt

    return send


def report(prompt: Prompt, word: str, *, number: int = 1, secret: str = SECRET, **form: str) -> int:
    """As the provider posts it to the address that came with the text."""
    path = f"/hooks/reports/?key=p{prompt.pk}.{number}"
    told = {"MessageSid": "SM1", "MessageStatus": word, "To": NUMBER, **form}
    signed = signature(f"http://localhost:8000{path}", told, secret=secret)
    return Client().post(path, told, headers={"X-Twilio-Signature": signed}).status_code


@pytest.fixture(autouse=True)
def address(settings: Settings) -> None:
    settings.PUBLIC_URL = "http://localhost:8000"


def ended(world: World, prompt: Prompt) -> tuple[int, str]:
    return row(world, prompt).state, row(world, prompt).channel


def first_try(world: World) -> Attempt:
    with tenant(world.clinic.pk):
        return Attempt.objects.order_by("number")[0]


def test_a_text_names_its_try_to_the_provider_and_its_last_moment(world: World, mail: Inbox, sent: Any) -> None:
    prompt = sent()
    assert set(mail.attempts) == {f"p{prompt.pk}.1"}


def test_what_was_not_known_is_sent_once_it_is_reported(world: World, mail: Inbox, sent: Any) -> None:
    prompt = sent(UNCLEAR)
    assert ended(world, prompt) == (PromptState.UNKNOWN, SMS)
    for word in ("sent", "delivered", "sent", "delivered"):
        assert report(prompt, word) == 204
    assert ended(world, prompt) == (PromptState.SENT, SMS)
    told = first_try(world)
    assert (row(world, prompt).sent_at, told.report, told.provider_id) == (told.began_at, "delivered", "SM1")
    assert deliver_due().total == sweep().total == 0
    assert len(mail.messages) == 1


@pytest.mark.parametrize("told", [None, UNCLEAR])
def test_what_did_not_arrive_goes_on_by_the_next_way_once(world: World, mail: Inbox, sent: Any, told: Any) -> None:
    prompt = sent(told)
    for _ in range(2):
        assert report(prompt, "undelivered", ErrorCode="30003") == 204
    assert ended(world, prompt) == (PromptState.WAITING, EMAIL)
    assert str(deliver_due()) == "sent 1"
    for word in ("undelivered", "failed", "delivered"):  # it came after all: nothing takes the e-mail back
        report(prompt, word)
    assert deliver_due().total == sweep().total == 0
    assert ended(world, prompt) == (PromptState.SENT, EMAIL)
    assert len(mail.letters) == 1
    assert (first_try(world).report, first_try(world).report_code) == ("delivered", "")


def test_a_report_that_was_kept_before_a_kill_is_followed_when_it_comes_again(world: World, sent: Any) -> None:
    prompt = sent()
    with tenant(world.clinic.pk):
        Attempt.objects.update(report="undelivered", report_code="30006", reported_at=timezone.now())
    report(prompt, "undelivered", ErrorCode="30006")
    assert ended(world, prompt) == (PromptState.WAITING, EMAIL)
    with tenant(world.clinic.pk):
        assert Channel.objects.get(kind=SMS).failed_code == "30006"


def test_a_loss_that_was_kept_before_a_kill_goes_on_at_the_next_look(world: World, mail: Inbox, sent: Any) -> None:
    prompt = sent()
    with pytest.raises(Killed), after_statement(SETTLES, kill):
        report(prompt, "undelivered")
    age(world, seconds=90)
    look_up(at=timezone.now())
    assert ended(world, prompt) == (PromptState.WAITING, EMAIL)


def test_so_does_one_that_was_faster_than_the_answer(world: World, mail: Inbox, due: Due) -> None:
    (prompt,) = due(channel=SMS)
    mail.answers.append({"hang": 0.5})
    lost = in_flight(mail, lambda: report(prompt, "failed"))
    with lost, pytest.raises(Killed), after_statement(SETTLES, kill):
        deliver_due()
    age(world, seconds=90)
    look_up(at=timezone.now())
    assert ended(world, prompt) == (PromptState.WAITING, EMAIL)


@pytest.mark.parametrize("is_on_its_way", [False, True])
def test_a_tip_that_was_done_meanwhile_goes_by_no_next_way(
    world: World, mail: Inbox, due: Due, is_on_its_way: bool
) -> None:
    """A drink was said; then its text is reported as lost. Is it not done after all, it goes on at once."""
    (tip,) = due(channel=SMS, steps=["home"], kind=TIP)
    mail.answers.extend([{"hang": 0.5}] if is_on_its_way else [])
    with in_flight(mail, lambda: say(world, already_done)) if is_on_its_way else nullcontext():
        deliver_due()
    if not is_on_its_way:
        say(world, already_done)
    report(tip, "undelivered")
    assert ended(world, tip) == (PromptState.SENT, SMS)
    say(world, not_done)
    assert ended(world, tip) == (PromptState.WAITING, EMAIL)


def test_a_loss_that_is_told_while_they_take_it_back_is_followed(world: World, mail: Inbox, due: Due) -> None:
    (tip,) = due(channel=SMS, steps=["home"], kind=TIP)
    deliver_due()
    say(world, already_done)
    told: list[Future[int]] = []

    def lose() -> int:
        with closing(connection):
            return report(tip, "undelivered")

    def watch(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        if 'SET "reason"' in str(sql) and not told:
            told.append(thread.submit(lose))
            wait(told, timeout=0.4)
        return execute(sql, params, many, context)

    with ThreadPoolExecutor(1) as thread, connection.execute_wrapper(watch):
        say(world, not_done)
    assert [each.result() for each in told] == [204]
    assert ended(world, tip) == (PromptState.WAITING, EMAIL)


def test_a_text_that_is_lost_after_they_took_back_their_yes_goes_by_no_next_way(world: World, sent: Any) -> None:
    prompt = sent()
    with tenant(world.clinic.pk):
        leave(world.patient, at=timezone.now())
    report(prompt, "undelivered")
    assert ended(world, prompt) == (PromptState.SENT, SMS)


def say(world: World, what: Callable[..., object]) -> None:
    with tenant(world.clinic.pk):
        what(world.patient, tip_id=0, at=timezone.now())


def test_an_answer_that_comes_after_its_loss_stops_no_next_way(world: World, mail: Inbox, sent: Any) -> None:
    """Its flight was given up, and reported as lost: then the provider's own answer changes nothing."""
    prompt = sent(UNCLEAR)
    with as_sender():
        late = Ending(claimed([prompt.pk])[prompt.pk], PromptState.SENT)
    report(prompt, "undelivered")
    assert complete([late], begun=True) == []
    assert ended(world, prompt) == (PromptState.WAITING, EMAIL)


def test_what_came_after_all_before_the_next_way_took_it_goes_no_further(world: World, mail: Inbox, sent: Any) -> None:
    prompt = sent()
    report(prompt, "undelivered", ErrorCode="30003")
    report(prompt, "delivered")
    assert ended(world, prompt) == (PromptState.SENT, SMS)
    assert deliver_due().total == 0
    assert mail.letters == []


def test_what_came_after_all_is_sent_whatever_became_of_its_next_way(world: World, mail: Inbox, sent: Any) -> None:
    """Called off meanwhile, no later plan brings it back; and that it may have come twice is no reason not to know of one."""
    prompt = sent()
    report(prompt, "undelivered", ErrorCode="30003")
    for state in (PromptState.CANCELLED, PromptState.SKIPPED, PromptState.UNKNOWN, PromptState.FAILED):
        with tenant(world.clinic.pk):
            Prompt.objects.update(state=state, channel=EMAIL, reason="whatever", tries=2)
        report(prompt, "delivered")
        assert ended(world, prompt) == (PromptState.SENT, SMS)
    with tenant(world.clinic.pk):
        Prompt.objects.update(state=PromptState.WAITING, channel=EMAIL, begun_at=timezone.now())
    report(prompt, "delivered")
    assert ended(world, prompt) == (PromptState.WAITING, EMAIL), "what is on its way has its own end"


def test_a_report_of_a_landline_ends_the_way(world: World, sent: Any) -> None:
    prompt = sent()
    report(prompt, "undelivered", ErrorCode="30006")
    assert ended(world, prompt) == (PromptState.WAITING, EMAIL)
    with tenant(world.clinic.pk):
        assert Channel.objects.get(kind=SMS).failed_code == "30006"


def test_a_report_that_is_faster_than_the_answer_counts(
    world: World, mail: Inbox, due: Due, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The provider took it, told us that it arrived, and then let our request run out."""
    monkeypatch.setattr("prompts.channels.sms.TIMEOUT", 0.8)
    (prompt,) = due(channel=SMS)
    mail.answers.append({"hang": 2})
    with in_flight(mail, lambda: report(prompt, "delivered")):
        deliver_due()
    assert ended(world, prompt) == (PromptState.SENT, SMS)
    assert (first_try(world).outcome, first_try(world).report) == ("ambiguous", "delivered")


def test_a_loss_that_is_faster_than_the_answer_goes_on(world: World, mail: Inbox, due: Due) -> None:
    (prompt,) = due(channel=SMS)
    mail.answers.append({"hang": 0.5})
    with in_flight(mail, lambda: report(prompt, "failed")):
        deliver_due()
    deliver_due()
    assert ended(world, prompt) == (PromptState.SENT, EMAIL)
    assert len(mail.letters) == 1


def test_when_its_window_is_over_a_lost_text_goes_nowhere(world: World, mail: Inbox, sent: Any) -> None:
    known, unknown = sent(), sent(UNCLEAR, step="morning")
    with tenant(world.clinic.pk):
        Prompt.objects.update(window_ends_at=ago(seconds=1))
    for prompt in (known, unknown):
        report(prompt, "undelivered")
    assert ended(world, known) == (PromptState.SENT, SMS)
    assert (row(world, unknown).state, row(world, unknown).reason) == (PromptState.FAILED, "not delivered")
    report(unknown, "delivered")
    assert ended(world, unknown) == (PromptState.SENT, SMS)


def test_what_nobody_signed_and_what_names_nothing_changes_nothing(world: World, sent: Any) -> None:
    prompt = sent(UNCLEAR)
    assert report(prompt, "delivered", secret="forged") == 403
    for number in (2, 99999):
        assert report(prompt, "delivered", number=number) == 204
    assert ended(world, prompt) == (PromptState.UNKNOWN, SMS)
    assert first_try(world).report == ""
    assert report(prompt, "delivered") == 204
    assert ended(world, prompt) == (PromptState.SENT, SMS)


def test_what_was_asked_for_has_one_way(world: World, mail: Inbox) -> None:
    with tenant(world.clinic.pk):
        agree(world)
        token = Token.objects.create(
            kind=TokenKind.TEST_NOTE, hash="t", clinic_id=world.clinic.pk, subject=world.patient.pk,
            expires_at=timezone.now() + timedelta(minutes=9),
        )  # fmt: skip
        channel = Channel.objects.get(kind=SMS)
        note = send_asked_for(world.patient, token=token, kind="test", channel=channel, at=timezone.now())
    mail.answers.append(UNCLEAR)
    deliver_due()
    report(note, "undelivered")
    assert (row(world, note).state, row(world, note).reason) == (PromptState.FAILED, "not delivered")


def age(world: World, **values: float) -> None:
    with tenant(world.clinic.pk):
        Prompt.objects.update(ended_at=ago(**values))
        Attempt.objects.update(began_at=ago(**values))


def test_what_the_provider_has_is_found_with_its_id(world: World, mail: Inbox, sent: Any) -> None:
    prompt = sent(UNCLEAR)
    assert look_up(at=timezone.now()) == 0, "it is too soon"
    age(world, seconds=90)
    assert look_up(at=timezone.now()) == 1
    assert ended(world, prompt) == (PromptState.SENT, SMS)
    assert first_try(world).provider_id == mail.messages[0]["sid"]
    assert look_up(at=timezone.now()) == 0


def test_what_the_provider_does_not_have_stays_unknown_and_is_never_sent(world: World, mail: Inbox, sent: Any) -> None:
    prompt = sent({"status": 500})
    age(world, minutes=2)
    assert look_up(at=timezone.now()) == 0
    assert row(world, prompt).reason == "no clear answer"
    age(world, minutes=6)
    assert look_up(at=timezone.now()) == 0
    assert (row(world, prompt).state, row(world, prompt).reason) == (PromptState.UNKNOWN, "not at the provider")
    assert deliver_due().total == sweep().total == look_up(at=timezone.now()) == 0
    assert mail.messages == []


@pytest.mark.parametrize("is_done_first", [True, False])
def test_a_tip_that_they_have_done_goes_by_no_next_way_also_where_its_provider_does_not_have_it(
    world: World, mail: Inbox, due: Due, is_done_first: bool
) -> None:
    (tip,) = due(channel=SMS, steps=["home"], kind=TIP)
    mail.answers.append({"status": 500})
    deliver_due()
    age(world, minutes=6)
    for act in (lambda: say(world, already_done), look)[:: 1 if is_done_first else -1]:
        act()
    assert (row(world, tip).state, row(world, tip).reason) == (PromptState.UNKNOWN, "already done")
    say(world, not_done)
    look()
    assert (row(world, tip).state, row(world, tip).reason) == (PromptState.UNKNOWN, "not at the provider")
    say(world, already_done)
    report(tip, "undelivered")
    assert (row(world, tip).state, row(world, tip).reason) == (PromptState.FAILED, "not delivered")
    say(world, not_done)
    assert deliver_due().total == sweep().total == 0


def test_a_tip_that_they_have_done_is_looked_for_as_long_as_any_and_no_longer(
    world: World, mail: Inbox, due: Due
) -> None:
    (tip,) = due(channel=SMS, steps=["home"], kind=TIP)
    mail.answers.append(UNCLEAR)
    deliver_due()
    say(world, already_done)
    for minutes, found in ((6, 0), (2, 1)):
        age(world, minutes=minutes)
        assert look() == found
    assert ended(world, tip) == (PromptState.SENT, SMS)


def look() -> int:
    return look_up(at=timezone.now())


def test_another_message_of_ours_is_not_taken_for_it(world: World, mail: Inbox, sent: Any) -> None:
    """Two of one number, with the same words: the provider took the first, and lost the second."""
    sent()
    second = sent({"status": 500}, step="morning")
    age(world, minutes=2)
    assert look_up(at=timezone.now()) == 0
    assert ended(world, second) == (PromptState.UNKNOWN, SMS)


def lose(world: World, mail: Inbox, sent: Any) -> list[Prompt]:
    """Two texts of which nobody knows; the provider took them."""
    lost = [sent(UNCLEAR), sent(UNCLEAR, step="morning")]
    age(world, seconds=90)
    return lost


def had_turns(world: World) -> int:
    with tenant(world.clinic.pk):
        return Prompt.objects.exclude(lease_until=None).count()


def test_a_look_up_ends_with_an_answer_that_does_not_come_and_the_next_goes_on_behind_it(
    world: World, mail: Inbox, sent: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("prompts.channels.sms.LOOK_UP_TIMEOUT", 0.3)
    lose(world, mail, sent)
    mail.list_answers.extend([{"hang": 1}, {"status": 503}])
    for asked in (1, 2):
        assert look_up(at=timezone.now()) == 0
        assert (len(mail.list_answers), had_turns(world)) == (2 - asked, asked)
    assert look_up(at=timezone.now()) == 2


def test_a_look_up_that_lasts_too_long_leaves_the_rest_to_the_next(world: World, mail: Inbox, sent: Any) -> None:
    lost = lose(world, mail, sent)
    for known in (1, 2):
        assert look_up(at=timezone.now(), lasts=timedelta(0)) == 1
        assert [ended(world, prompt)[0] for prompt in lost].count(PromptState.SENT) == known


def test_one_that_cannot_be_written_once_more_holds_up_no_other(world: World, mail: Inbox, sent: Any) -> None:
    bad, good = lose(world, mail, sent)
    with tenant(world.clinic.pk):
        Prompt.objects.filter(pk=bad.pk).update(kind="unheard_of")
    assert look_up(at=timezone.now()) == 1
    assert [ended(world, prompt)[0] for prompt in (bad, good)] == [PromptState.UNKNOWN, PromptState.SENT]
    assert had_turns(world) == 1  # the good one's end took its turn off


def test_a_provider_that_wants_quiet_is_not_asked_either(world: World, mail: Inbox, sent: Any) -> None:
    lose(world, mail, sent)
    hold(SMS, lasts=timedelta(minutes=1), code="429")
    mail.list_answers.append({"status": 503})
    assert look_up(at=timezone.now()) == 0
    assert (len(mail.list_answers), had_turns(world)) == (1, 0)


def test_a_provider_that_does_not_answer_decides_nothing(world: World, sent: Any, settings: Settings) -> None:
    prompt = sent(UNCLEAR)
    age(world, minutes=7)
    settings.SMS_BASE_URL = "http://127.0.0.1:9"
    assert look_up(at=timezone.now()) == 0
    assert row(world, prompt).reason == "no clear answer"
