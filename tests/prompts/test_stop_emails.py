"""Stopping e-mails from an e-mail: one click of a mail program, or an answer on a page. Looking and pressing change nothing."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest
from django.core import signing
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import AuditEvent, Channel
from accounts.services import set_emails
from accounts.states import ChannelKind
from aftercare.tenancy import tenant
from prompts.models import Prompt
from prompts.services.stop_links import stop_link
from prompts.states import PromptState
from tests.clinic.pages import title
from tests.prompts.conftest import ADDRESS, ago
from tests.world import World

ONE_CLICK = {"List-Unsubscribe": "One-Click"}
STOP = {"answer": "stop"}


def path_for(world: World, *, address: str = ADDRESS) -> str:
    """The stop link of an e-mail to the world's patient, as a path; its channel is made on the way."""
    with tenant(world.clinic.pk):
        channel, _ = Channel.objects.get_or_create(
            clinic=world.clinic,
            patient=world.patient,
            kind=ChannelKind.EMAIL,
            defaults={"address": address, "consented_at": ago(days=1)},
        )
        link = stop_link(channel)
    return link.removeprefix("http://localhost:8000")


def may_send(world: World) -> bool:
    with tenant(world.clinic.pk):
        return Channel.objects.get(patient=world.patient, kind=ChannelKind.EMAIL).may_send


def waiting_email(world: World) -> Prompt:
    due_at = timezone.now() + timedelta(hours=1)
    return world.prompt(
        world.treatment(plan_number=1, hour_zero=ago(hours=1)), step="check_1", due_at=due_at, channel=ChannelKind.EMAIL
    )


@pytest.mark.parametrize("form", ["urlencoded", "multipart"])
def test_one_click_of_a_mail_program_stops_e_mails_at_every_clinic(
    server: str, world: World, other_world: World, form: str
) -> None:
    path = path_for(world)
    path_for(other_world, address=ADDRESS.lower())
    with tenant(world.clinic.pk):
        prompt = waiting_email(world)
    parts = {name: (None, value) for name, value in ONE_CLICK.items()}
    response = httpx.post(
        server + path, data=ONE_CLICK if form == "urlencoded" else None, files=parts if form == "multipart" else None
    )
    assert response.status_code == 200
    assert (may_send(world), may_send(other_world)) == (False, False)
    with tenant(world.clinic.pk):
        moved = Prompt.objects.get(pk=prompt.pk)
        assert (moved.channel, moved.state) == (ChannelKind.IN_APP, PromptState.WAITING)
        assert AuditEvent.objects.filter(action="emails_stopped").count() == 1


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_a_mail_scanner_that_follows_the_link_changes_nothing(server: str, world: World, method: str) -> None:
    path = path_for(world)
    for _ in range(3):
        assert httpx.request(method, server + path).status_code == (405 if method == "OPTIONS" else 200)
    assert may_send(world)


@pytest.mark.django_db
class TestPage:
    def test_the_page_asks_picks_no_answer_and_says_what_stays(self, client: Client, world: World) -> None:
        words = client.get(path_for(world)).content.decode()
        assert words.count('type="radio"') == 2
        assert "checked" not in words
        assert "One-Click" not in words
        assert "Messages in the app go on" in words
        assert "Get help" in words

    @pytest.mark.parametrize("body", [ONE_CLICK, STOP], ids=["mail program", "page"])
    def test_it_needs_no_cookie_and_tells_that_it_worked(self, world: World, body: dict[str, str]) -> None:
        strict = Client(enforce_csrf_checks=True)
        response = strict.post(path_for(world), body)
        assert "E-mails are off" in response.content.decode()
        assert not may_send(world)
        assert "sid" not in response.cookies

    @pytest.mark.parametrize("body", [{}, {"answer": ""}, {"answer": "maybe"}, {"List-Unsubscribe": "maybe"}])
    def test_a_press_without_an_answer_is_told_so_and_changes_nothing(
        self, client: Client, world: World, body: dict[str, str]
    ) -> None:
        response = client.post(path_for(world), body)
        assert response.status_code == 422
        assert "Pick one answer to go on." in response.content.decode()
        assert title(response) == "Error: Stop e-mails"
        assert may_send(world)

    def test_who_keeps_them_keeps_them(self, client: Client, world: World) -> None:
        response = client.post(path_for(world), {"answer": "keep"})
        assert "E-mails go on" in response.content.decode()
        assert may_send(world)

    def test_a_second_tap_says_the_same(self, client: Client, world: World) -> None:
        for _ in range(2):
            assert "E-mails are off" in client.post(path_for(world), STOP).content.decode()
        assert AuditEvent.objects.filter(action="emails_stopped").count() == 1

    def test_nothing_of_the_person_is_shown(self, client: Client, world: World) -> None:
        path = path_for(world)
        for response in (client.get(path), client.post(path, ONE_CLICK)):
            words = response.content.decode().casefold()
            for told in ("maya", "torres", ADDRESS.casefold(), "cedar", "example.org"):
                assert told not in words

    @pytest.mark.parametrize("signed", ["x", "a:b", "0" * 64 + ":" + "A" * 43, "ü", "..", "a" * 3000])
    def test_a_forged_link_is_told_in_plain_words_and_stops_nothing(
        self, client: Client, world: World, signed: str
    ) -> None:
        path_for(world)
        for response in (client.get(f"/stop/{signed}/"), client.post(f"/stop/{signed}/", ONE_CLICK)):
            assert response.status_code == 404
        assert may_send(world)

    def test_a_value_signed_for_something_else_is_refused(self, client: Client, world: World) -> None:
        path_for(world)
        channel = Channel.objects.get(kind=ChannelKind.EMAIL)
        for salt in ("", "another"):
            signed = signing.Signer(salt=salt or None).sign(f"{world.clinic.pk.hex}{channel.pk.hex}")
            response = client.post(f"/stop/{signed}/", ONE_CLICK)
            assert response.status_code == 404
            assert "This link does not work" in response.content.decode()
        assert may_send(world)

    def test_a_link_of_a_number_stops_no_texts(self, client: Client, world: World) -> None:
        path_for(world)
        text = Channel.objects.create(
            clinic=world.clinic,
            patient=world.patient,
            kind=ChannelKind.SMS,
            address="+12125550177",
            consented_at=ago(days=1),
        )
        client.post(stop_link(text).removeprefix("http://localhost:8000"), ONE_CLICK)
        assert Channel.objects.get(pk=text.pk).may_send

    def test_a_channel_that_is_gone_is_no_error(self, client: Client, world: World) -> None:
        path = path_for(world)
        Channel.objects.all().delete()
        assert client.post(path, ONE_CLICK).status_code == 200

    def test_a_link_outlives_a_change_of_the_key(self, client: Client, world: World, settings: Settings) -> None:
        path = path_for(world)
        settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = (
            [settings.SECRET_KEY],
            "another key of fifty characters or more, for this test",
        )
        assert client.get(path).status_code == 200

    def test_somebody_who_is_signed_in_elsewhere_stops_it_too(
        self, phone: Client, world: World, other_world: World
    ) -> None:
        assert phone.post(path_for(other_world), ONE_CLICK).status_code == 200
        assert not may_send(other_world)

    def test_it_can_be_turned_on_again(self, client: Client, world: World) -> None:
        client.post(path_for(world), ONE_CLICK)
        set_emails(world.patient, on=True, at=timezone.now())
        assert may_send(world)


def test_a_link_to_an_address_that_was_changed_stops_nothing_at_the_new_one(world: World, client: Client) -> None:
    path = path_for(world)
    with tenant(world.clinic.pk):
        Channel.objects.filter(kind=ChannelKind.EMAIL).update(address="new@example.org")
    assert client.post(path, ONE_CLICK).status_code == 200
    assert may_send(world)


def test_a_link_outlives_a_new_secret_key(world: World, client: Client, settings: Settings) -> None:
    path, settings.SECRET_KEY_FALLBACKS = path_for(world), [settings.SECRET_KEY]
    settings.SECRET_KEY = "another-key-of-more-than-fifty-characters-0123456789"
    assert client.post(path, ONE_CLICK).status_code == 200
    assert not may_send(world)


def test_a_link_of_before_addresses_were_marked_still_works(world: World, client: Client) -> None:
    path_for(world)
    with tenant(world.clinic.pk):
        channel = Channel.objects.get(kind=ChannelKind.EMAIL)
    signed = signing.Signer(salt="prompts.stop_emails").sign(f"{channel.clinic_id.hex}{channel.pk.hex}")
    assert client.post(f"/stop/{signed}/", ONE_CLICK).status_code == 200
    assert not may_send(world)
