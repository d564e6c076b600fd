"""The demo's phone: what a stranger would see of each text, as it arrives."""

from __future__ import annotations

import re
import time

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from accounts.models import Channel
from accounts.states import ChannelKind
from aftercare.tenancy import tenant
from prompts.channels.email import EmailChannel, SmtpServer
from prompts.channels.inbox import Inbox
from prompts.queries.lock_screen import SHOWS_MESSAGES
from prompts.words import planned_message
from tests.conftest import Standin
from tests.world import HOUR_ZERO, World

pytestmark = pytest.mark.django_db

NUMBER = "+12125550177"
TEXT = planned_message(kind="check_in", sender_name="Cedar Street", link="http://localhost:8000/").text


def arrive(standin: Standin, *, to: str = NUMBER, text: str = TEXT) -> None:
    standin.inbox.accept({"To": to, "Body": text})


def seen(words: str) -> str:
    found = re.search(r"\?seen=(\w*)", words)
    assert found
    return found.group(1)


def test_outside_the_demo_there_is_no_such_page(client: Client, settings: Settings, standin: Standin) -> None:
    settings.DEMO = False
    assert client.get("/phone/").status_code == 404


def test_before_the_first_text_the_page_says_so(client: Client, standin: Standin) -> None:
    assert "No messages yet." in client.get("/phone/").content.decode()


def test_a_text_shows_as_it_arrived_and_on_whose_phone(client: Client, world: World, standin: Standin) -> None:
    Channel.objects.create(
        clinic=world.clinic, patient=world.patient, kind=ChannelKind.SMS, address=NUMBER, consented_at=HOUR_ZERO
    )
    arrive(standin)
    words = client.get("/phone/").content.decode()
    assert TEXT in words
    assert f"On the phone of {world.patient}" in words
    assert "<span>now</span>" in words


def test_a_number_of_nobody_shows_as_a_number(client: Client, standin: Standin) -> None:
    arrive(standin)
    assert "On the phone of 212-555-0177" in client.get("/phone/").content.decode()


def test_an_e_mail_shows_its_subject_its_sender_and_whose_it_is(
    client: Client, world: World, mail: Inbox, settings: Settings
) -> None:
    Channel.objects.create(
        clinic=world.clinic, patient=world.patient, kind=ChannelKind.EMAIL, address="Maya@example.org"
    )
    message = planned_message(kind="tip", sender_name="Cedar Street", link="/", stop_link="https://x.example/stop/")
    channel = EmailChannel(SmtpServer(**settings.EMAIL_SERVER), sender=settings.EMAIL_FROM)
    assert channel.send(to="maya@example.org", message=message).outcome == "accepted"
    words = client.get("/phone/").content.decode()
    for part in ("<b>Cedar Street</b>", "<b>A message for you</b>", "A small reminder for you."):
        assert part in words
    assert f"E-mail on the phone of {world.patient}" in words
    assert 'href="https://x.example/stop/"' in words  # for whoever opens it


def test_a_call_shows_what_it_says_and_that_it_is_a_call(client: Client, standin: Standin) -> None:
    standin.inbox.accept({"To": NUMBER, "Body": "Cedar Street: look at the board."}, kind="voice")
    words = client.get("/phone/").content.decode()
    assert "Cedar Street: look at the board." in words
    assert "Call to the phone of 212-555-0177" in words


def test_the_newest_text_comes_first(client: Client, standin: Standin) -> None:
    for text in ("Cedar Street: one", "Cedar Street: two"):
        arrive(standin, text=text)
    words = client.get("/phone/").content.decode()
    assert words.index("Cedar Street: two") < words.index("Cedar Street: one")


def test_the_phone_holds_only_so_many(client: Client, standin: Standin) -> None:
    for number in range(SHOWS_MESSAGES + 3):
        arrive(standin, text=f"Cedar Street: {number}")
    assert client.get("/phone/").content.decode().count('class="lock__note"') == SHOWS_MESSAGES


def test_htmx_gets_nothing_until_a_text_arrives(client: Client, standin: Standin) -> None:
    mark = seen(client.get("/phone/").content.decode())
    htmx = {"HX-Request": "true"}
    assert client.get("/phone/", {"seen": mark}, headers=htmx).status_code == 204
    arrive(standin)
    part = client.get("/phone/", {"seen": mark}, headers=htmx)
    assert part.status_code == 200
    assert TEXT in part.content.decode()
    assert b"<html" not in part.content


def test_without_javascript_the_page_can_be_loaded_again(client: Client, standin: Standin) -> None:
    assert '<a href="/phone/">' in client.get("/phone/").content.decode()


@pytest.mark.parametrize("address", ["", "http://127.0.0.1:9", "not an address", "http://[", "ftp://127.0.0.1"])
def test_a_text_service_that_is_away_is_told_in_plain_words(client: Client, settings: Settings, address: str) -> None:
    settings.SMS_BASE_URL = address
    response = client.get("/phone/")
    assert response.status_code == 200
    assert "does not answer" in response.content.decode()


@pytest.mark.parametrize("strange", [{}, {"to": "+12125550177"}, {"to": "x", "body": "y", "at": "z"}])
def test_an_answer_that_is_no_list_of_texts_breaks_nothing(
    client: Client, standin: Standin, strange: dict[str, str]
) -> None:
    standin.inbox.messages = [strange]
    assert "does not answer" in client.get("/phone/").content.decode()


def test_a_clinic_that_shares_the_demo_is_left_as_it_was(
    client: Client, world: World, other_world: World, standin: Standin
) -> None:
    """The names are looked up clinic by clinic, inside the request of somebody who belongs to one."""
    arrive(standin)
    client.force_login(world.nurse.user)
    assert client.get("/phone/").status_code == 200
    with tenant(world.clinic.pk):
        assert not Channel.objects.exists()


def test_time_passes_on_the_lock_screen(client: Client, standin: Standin) -> None:
    arrive(standin)
    (text,) = standin.inbox.messages
    for seconds, words in ((61, "1 min ago"), (7300, "2 h ago")):
        standin.inbox.messages = [{**text, "at": f"{time.time() - seconds:.3f}"}]
        assert words in client.get("/phone/").content.decode()
