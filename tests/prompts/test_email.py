"""A prompt as an e-mail: two forms that say the same, once, against a mail server that misbehaves."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage
from html.parser import HTMLParser
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import Channel
from accounts.services import address_mark, set_emails, stop_emails
from accounts.states import ChannelKind
from aftercare.processes import free_port
from aftercare.settings import mail_server
from aftercare.tenancy import tenant
from aftercare.words import NOTICE_WORDS, found_words
from prompts.channels.inbox import Inbox
from prompts.models import Attempt, Prompt
from prompts.services import deliver_due, read_stop_link, sweep
from prompts.states import PromptState
from tests.prompts.conftest import ADDRESS, CHANNELS_READ, after_statement, ago, let_the_lease_end, row
from tests.world import World

pytestmark = pytest.mark.usefixtures("committed")

Due = Callable[..., list[Prompt]]


class Body(HTMLParser):
    """The words of an HTML letter, and where its links lead."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.links: list[str] = []
        self._is_body = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._is_body = self._is_body or tag == "body"
        self.links += [value for name, value in attrs if name == "href" and value]

    def handle_data(self, data: str) -> None:
        if self._is_body:
            self.words += data.split()


def part(letter: EmailMessage, kind: str) -> str:
    body = letter.get_body((kind,))
    assert body
    return str(body.get_content())


def email_channel(world: World) -> Channel:
    return Channel.objects.get(patient=world.patient, kind=ChannelKind.EMAIL)


def attempts(world: World) -> list[tuple[int, str, str, str]]:
    with tenant(world.clinic.pk):
        return list(Attempt.objects.order_by("pk").values_list("number", "channel", "outcome", "code"))


def test_a_due_e_mail_leaves_once(world: World, mail: Inbox, due: Due) -> None:
    (prompt,) = due()
    assert str(deliver_due()) == "sent 1"
    assert str(deliver_due()) == "nothing due"
    (letter,) = mail.letters
    assert (letter["To"], letter["From"]) == (ADDRESS, "Cedar Street <notes@aftercare.example>")
    sent = row(world, prompt)
    assert (sent.state, sent.channel, sent.begun_at) == (PromptState.SENT, ChannelKind.EMAIL, None)
    assert attempts(world) == [(1, "email", "accepted", "")]


@pytest.mark.parametrize("kind", ["check_in", "tip", "wrap_up"])
def test_both_forms_say_the_same_and_tell_nobody_why(world: World, mail: Inbox, due: Due, kind: str) -> None:
    due(kind=kind)
    deliver_due()
    (letter,) = mail.letters
    text, html = part(letter, "plain"), Body(part(letter, "html"))
    assert re.sub(r": https?://\S+", "", text).split() == html.words
    assert re.findall(r"https?://\S+", text) == html.links
    everything = "\n".join((*(f"{name}: {value}" for name, value in letter.items()), text, part(letter, "html")))
    assert found_words(everything.replace(ADDRESS, ""), NOTICE_WORDS) == []
    assert "Maya" not in everything.replace(ADDRESS, "")


def test_a_sender_name_that_tells_is_in_no_part_of_the_letter(world: World, mail: Inbox, due: Due) -> None:
    world.clinic.sender_name = "Bay Ketamine <b>"
    world.clinic.save()
    due()
    deliver_due()
    (letter,) = mail.letters
    assert letter["From"] == "notes@aftercare.example"
    assert "Ketamine" not in letter.as_string()


def test_a_letter_carries_the_button_of_mail_programs_and_an_id_of_our_own(
    world: World, mail: Inbox, due: Due, settings: Settings
) -> None:
    settings.PUBLIC_URL = "https://aftercare.example"
    due()
    deliver_due()
    (letter,) = mail.letters
    address = re.fullmatch(r"<(https://aftercare\.example/stop/([^/]+)/)>", letter["List-Unsubscribe"])
    assert address
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert f"Stop these e-mails: {address[1]}" in part(letter, "plain")
    assert letter["Auto-Submitted"] == "auto-generated"
    with tenant(world.clinic.pk):
        assert (read_stop_link(address[2]) or ())[:2] == (world.clinic.pk, email_channel(world).pk)
        assert letter["Message-ID"] == f"<{Attempt.objects.get().provider_id}@aftercare.example>"


@pytest.mark.parametrize(
    "told",
    [
        {"code": 421, "when": "mail"},
        {"code": 450, "when": "rcpt"},
        {"code": 451, "when": "data"},
        {"code": 452, "when": "rcpt"},
    ],
)
def test_a_busy_server_is_asked_again(world: World, mail: Inbox, due: Due, told: dict[str, Any]) -> None:
    (prompt,) = due()
    mail.mail_answers.append(told)
    deliver_due()
    assert (row(world, prompt).state, row(world, prompt).begun_at) == (PromptState.WAITING, None)
    assert mail.letters == []
    assert deliver_due().total == 0
    let_the_lease_end(world)
    assert str(deliver_due()) == "sent 1"
    assert len(mail.letters) == 1
    assert attempts(world) == [(1, "email", "not_accepted", str(told["code"])), (2, "email", "accepted", "")]


@pytest.mark.parametrize("told", [{"code": 550, "when": "rcpt"}, {"code": 554, "when": "data"}])
def test_a_letter_that_is_refused_is_shown_in_the_app_and_not_sent_again(
    world: World, mail: Inbox, due: Due, told: dict[str, Any]
) -> None:
    (prompt,) = due()
    mail.mail_answers.append(told)
    deliver_due()
    assert (row(world, prompt).state, row(world, prompt).channel) == (PromptState.SENT, ChannelKind.IN_APP)
    with tenant(world.clinic.pk):
        assert email_channel(world).may_send
    assert deliver_due().total == 0


@pytest.mark.parametrize("told", [{"hang": 1.5}, {"drop": True}])
def test_a_letter_that_was_taken_and_never_answered_for_is_unknown_and_not_sent_again(
    world: World, mail: Inbox, due: Due, told: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("prompts.channels.email.TIMEOUT_SECONDS", 0.5)
    (prompt,) = due()
    mail.mail_answers.append(told)
    deliver_due()
    assert row(world, prompt).state == PromptState.UNKNOWN
    let_the_lease_end(world)
    assert deliver_due().total == 0
    assert sweep().total == 0
    assert len(mail.letters) == 1


def test_a_talk_that_lasts_too_long_is_broken_off(
    world: World, mail: Inbox, due: Due, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However patient we are with each of its words; before the letter has left it was certainly not taken."""
    prompts = due(2)
    mail.mail_answers.append({"hang": 3})
    for prompt, seconds in zip(prompts, (2, 0), strict=True):
        monkeypatch.setattr("prompts.channels.email.TALK_SECONDS", seconds)
        with tenant(world.clinic.pk):
            Prompt.objects.exclude(pk=prompt.pk).update(due_at=timezone.now() + timedelta(minutes=1))
            Prompt.objects.filter(pk=prompt.pk).update(due_at=ago(minutes=1))
        deliver_due()
    time.sleep(1.2)  # nobody hangs any more as the server ends
    assert [row(world, prompt).state for prompt in prompts] == [PromptState.UNKNOWN, PromptState.WAITING]


def test_a_server_that_is_not_there_is_asked_again_inside_the_window(
    world: World, mail: Inbox, due: Due, settings: Settings
) -> None:
    here, settings.EMAIL_SERVER = settings.EMAIL_SERVER, mail_server(f"smtp://127.0.0.1:{free_port()}")
    (prompt,) = due()
    deliver_due()
    assert row(world, prompt).state == PromptState.WAITING
    settings.EMAIL_SERVER = here
    let_the_lease_end(world)
    assert str(deliver_due()) == "sent 1"
    assert attempts(world)[0][2:] == ("not_accepted", "no connection")


def test_a_server_that_is_away_until_the_window_ends_leaves_it_to_the_app(
    world: World, mail: Inbox, due: Due, settings: Settings
) -> None:
    settings.EMAIL_SERVER = mail_server(f"smtp://127.0.0.1:{free_port()}")
    (prompt,) = due(window_ends_at=timezone.now() + timedelta(seconds=50))
    deliver_due()
    assert (row(world, prompt).state, row(world, prompt).channel) == (PromptState.SENT, ChannelKind.IN_APP)


def test_without_the_tls_that_was_asked_for_no_letter_leaves(
    world: World, mail: Inbox, due: Due, settings: Settings
) -> None:
    settings.EMAIL_SERVER = {**settings.EMAIL_SERVER, "use_tls": True}
    (prompt,) = due()
    deliver_due()
    assert row(world, prompt).state == PromptState.WAITING
    assert mail.letters == []


@pytest.mark.parametrize("address", ["maya@example.org\r\nBcc: all@example.org", "", "not an address"])
def test_an_address_that_would_break_out_of_its_header_is_refused(
    world: World, mail: Inbox, due: Due, address: str
) -> None:
    (prompt,) = due()
    with tenant(world.clinic.pk):
        Channel.objects.filter(kind=ChannelKind.EMAIL).update(address=address)
    deliver_due()
    assert row(world, prompt).channel == ChannelKind.IN_APP
    assert attempts(world) == [(1, "email", "refused", "bad address")]
    assert mail.letters == []


def test_without_a_mail_server_the_message_is_shown_in_the_app(
    world: World, mail: Inbox, due: Due, settings: Settings
) -> None:
    settings.EMAIL_SERVER = {}
    (prompt,) = due()
    assert str(deliver_due()) == "sent 1"
    assert row(world, prompt).channel == ChannelKind.IN_APP


def test_e_mails_stopped_after_the_claim_hold_the_letter_back(world: World, mail: Inbox, due: Due) -> None:
    (prompt,) = due()

    def stop() -> None:
        with tenant(world.clinic.pk):
            set_emails(world.patient, on=False, at=timezone.now())

    with after_statement(CHANNELS_READ, stop):
        deliver_due()
    assert mail.letters == []
    assert row(world, prompt).channel == ChannelKind.IN_APP


def test_texts_and_e_mails_leave_in_one_run(world: World, mail: Inbox, due: Due) -> None:
    due(3)
    with tenant(world.clinic.pk):
        Prompt.objects.filter(step="step_1").update(channel=ChannelKind.SMS)
    assert str(deliver_due()) == "sent 3"
    assert len(mail.letters) == 2
    assert len(mail.messages) == 3


@pytest.mark.parametrize("count", [1, 3, 40])
def test_the_statements_of_a_delivery_are_the_same_however_many(
    world: World, mail: Inbox, due: Due, count: int
) -> None:
    """A claim and a read; and for each flight of twenty its begin with the tries, its completion, and that of the tries."""
    due(count)
    statements: list[str] = []

    def note(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        if str(sql).startswith(("SELECT", "UPDATE", "INSERT", "WITH")):
            statements.append(str(sql)[:30])
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        assert deliver_due().total == count
    assert len(statements) == 1 + 1 + 3 * (1 if count <= 20 else 2)


def test_an_unsubscribed_address_gets_nothing_however_it_is_spelled(
    world: World, other_world: World, mail: Inbox, due: Due
) -> None:
    (prompt,) = due()
    with tenant(other_world.clinic.pk):
        theirs = Channel.objects.create(
            clinic=other_world.clinic,
            patient=other_world.patient,
            kind=ChannelKind.EMAIL,
            address=ADDRESS.upper(),
            consented_at=timezone.now(),
        )
    assert (
        stop_emails(theirs.pk, clinic_id=other_world.clinic.pk, mark=address_mark(theirs.address), at=timezone.now())
        == 2
    )
    deliver_due()
    assert mail.letters == []
    assert (row(world, prompt).state, row(world, prompt).channel) == (PromptState.SENT, ChannelKind.IN_APP)
