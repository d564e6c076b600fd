"""The guest list of a staging deployment: nobody else gets a message, and everybody can see why."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from pytest_django.fixtures import Settings

from accounts.states import ChannelKind
from aftercare.processes import ROOT
from aftercare.settings import mail_server
from aftercare.starting import SETTINGS, WrongSettings, refuse_wrong_settings
from aftercare.tenancy import tenant
from prompts.channels.inbox import Inbox
from prompts.guests import is_guest, unreadable_guests
from prompts.models import Prompt
from prompts.services import deliver_due
from prompts.states import PromptState
from tests.conftest import StaffClient
from tests.prompts.conftest import ADDRESS, NUMBER, row
from tests.world import World

Due = Callable[..., list[Prompt]]


@pytest.mark.parametrize(
    ("guests", "address", "is_one"),
    [
        ((), NUMBER, True),
        (("+15550100177",), NUMBER, True),
        (("(555) 010-0177",), NUMBER, True),
        (("+15550100178", "somebody@example.org"), NUMBER, False),
        (("maya.torres@EXAMPLE.org",), ADDRESS, True),
        (("maya@example.org",), ADDRESS, False),
        (("nonsense",), NUMBER, False),
        (("nonsense",), "", False),
    ],
)
def test_who_is_a_guest(guests: tuple[str, ...], address: str, is_one: bool) -> None:
    assert is_guest(address, guests=guests, country="US") is is_one


def test_what_is_neither_a_number_nor_an_address_is_named_by_its_place() -> None:
    assert unreadable_guests(["+15550100177", "12", "a@b", "maya@example.org"], country="US") == [2, 3]


@pytest.mark.usefixtures("committed")
class TestDelivery:
    def test_a_stranger_gets_nothing_and_a_guest_does(
        self, world: World, mail: Inbox, due: Due, settings: Settings, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.INFO)
        settings.SEND_ONLY_TO = [ADDRESS.lower()]
        text, letter = due(2)
        move(world, text, ChannelKind.SMS)
        assert str(deliver_due()) == "cancelled 1, sent 1 (1 not on the guest list)"
        assert (row(world, text).state, row(world, text).reason) == (PromptState.CANCELLED, "not on the guest list")
        assert row(world, letter).state == PromptState.SENT
        assert [message["to"] for message in mail.messages] == [ADDRESS]
        (line,) = [record for record in caplog.records if record.name.startswith("prompts")]
        assert line.__dict__["prompts"] == [text.pk]
        assert NUMBER not in str(line.__dict__)

    def test_what_the_app_shows_is_shown_to_everybody(
        self, world: World, mail: Inbox, due: Due, settings: Settings
    ) -> None:
        settings.SEND_ONLY_TO = ["+15550100199"]
        (prompt,) = due(channel=ChannelKind.IN_APP)
        assert str(deliver_due()) == "sent 1"
        assert row(world, prompt).state == PromptState.SENT

    def test_a_list_that_names_nobody_lets_nobody_in(
        self, world: World, mail: Inbox, due: Due, settings: Settings
    ) -> None:
        settings.SEND_ONLY_TO = ["nonsense"]
        due()
        deliver_due()
        assert mail.messages == []

    def test_the_command_says_it(self, world: World, mail: Inbox, due: Due, settings: Settings) -> None:
        settings.SEND_ONLY_TO = ["+15550100199"]
        due(3)
        out = StringIO()
        call_command("deliver_due", stdout=out)
        assert out.getvalue() == "cancelled 3 (3 not on the guest list)\n"


def move(world: World, prompt: Prompt, channel: str) -> None:
    with tenant(world.clinic.pk):
        Prompt.objects.filter(pk=prompt.pk).update(channel=channel)


@pytest.mark.django_db
def test_staff_see_that_only_guests_get_messages(staff: Callable[..., StaffClient], settings: Settings) -> None:
    browser = staff()
    assert "Only guests" not in browser.get("/staff/").content.decode()
    settings.SEND_ONLY_TO = ["+15550100199"]
    assert "Only guests get messages here." in browser.get("/staff/").content.decode()


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"SEND_ONLY_TO": ["maya@example.org", "12"]}, "Entry 2 of SEND_ONLY_TO"),
        ({"EMAIL_SERVER": mail_server("smtp://mail.example.org"), "EMAIL_FROM": ""}, "set EMAIL_FROM too"),
        (
            {"EMAIL_SERVER": mail_server("smtp://a:b@mail.example.org"), "EMAIL_FROM": "notes@example.org"},
            "holds a password",
        ),
    ],
)
def test_settings_that_cannot_be_used_stop_the_start(settings: Settings, values: dict[str, Any], words: str) -> None:
    for name, value in values.items():
        setattr(settings, name, value)
    with pytest.raises(WrongSettings, match=words):
        refuse_wrong_settings()


def test_settings_that_can_be_used_stop_nothing(settings: Settings) -> None:
    settings.SEND_ONLY_TO = ["+12125550142", "maya@example.org"]
    settings.EMAIL_SERVER = mail_server("smtp://a:b%40c@mail.example.org:2525?tls=1")
    settings.EMAIL_FROM = "notes@example.org"
    assert run_checks(tags=[SETTINGS]) == []
    assert settings.EMAIL_SERVER["password"] == "b@c"


@pytest.mark.parametrize("command", [["manage.py", "check"], ["-c", "import aftercare.wsgi"]])
def test_a_wrong_entry_stops_the_process_and_is_not_shown(command: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env={**os.environ, "SEND_ONLY_TO": "+15550100199,sesame"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode != 0
    assert "Entry 2 of SEND_ONLY_TO is neither a phone number nor an e-mail address." in done.stderr
    assert "sesame" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    "url", ["mail.example.org", "http://mail.example.org", "smtp://", "smtp://a:b", "smtp://a:99999"]
)
def test_an_address_of_no_mail_server_is_told_plainly(url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="EMAIL_URL is like smtp://"):
        mail_server(url)
