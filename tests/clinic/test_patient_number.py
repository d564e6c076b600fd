"""A new number: shown beside the old one, agreed to anew, and from then on nothing goes to the old one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import AuditEvent, Channel, Token
from accounts.services import ask_code
from accounts.states import ChannelKind, Role, TokenKind
from prompts.models import Prompt
from tests.accounts.ways import NUMBER, give_number
from tests.clinic.doors import AGAIN, a_browser, give_app, give_password, later, sign_in
from tests.clinic.pages import words
from tests.conftest import StaffClient
from tests.world import World

pytestmark = pytest.mark.django_db
Staff = Callable[..., StaffClient]
NEW = {"phone": "212-555-0188"}


def address(world: World) -> str:
    return f"/staff/patients/{world.patient.pk}/number/"


def change(world: World, browser: Client, **form: str) -> None:
    response = browser.post(address(world), {**NEW, "sure": "on", **form})
    assert (response.status_code, response["Location"]) == (303, f"/staff/patients/{world.patient.pk}/")


def test_old_and_new_stand_side_by_side_before_anything_changes(world: World, staff: Staff) -> None:
    channel = give_number(world)
    page = words(staff(Role.FRONT_DESK).post(address(world), NEW))
    assert "Until now 212-555-0142 From now on 212-555-0188" in page
    channel.refresh_from_db()
    assert channel.address == NUMBER


@pytest.mark.parametrize("agreed", [True, False])
def test_texts_to_the_new_number_are_agreed_anew(world: World, staff: Staff, agreed: bool) -> None:
    give_number(world)
    change(world, staff(), **({"texts_agreed": "on"} if agreed else {}))
    channel = Channel.objects.get(kind=ChannelKind.SMS)
    assert (channel.address, channel.may_send) == ("+12125550188", agreed)
    assert AuditEvent.objects.get(action="number_changed").facts == {"texts_agreed": agreed}


def test_a_stop_was_for_the_old_number(world: World, staff: Staff) -> None:
    give_number(world, stopped_at=timezone.now())
    change(world, staff(), texts_agreed="on")
    assert Channel.objects.get(kind=ChannelKind.SMS).may_send


def test_what_waits_for_the_old_number_stays_in_the_app(world: World, staff: Staff) -> None:
    give_number(world)
    treatment = world.treatment()
    world.prompt(treatment, step="x", due_at=timezone.now(), channel="sms")
    change(world, staff())
    assert Prompt.objects.get(treatment=treatment).channel == ChannelKind.IN_APP


def test_the_old_number_gets_a_last_note(world: World, staff: Staff) -> None:
    give_number(world)
    change(world, staff())
    note = Prompt.objects.get()
    assert (note.kind, note.address) == ("notice", NUMBER)
    assert "Note to the number before" in words(staff().get(f"/staff/patients/{world.patient.pk}/"))


@pytest.mark.parametrize("page", ["number", "card"])
def test_who_changes_the_way_back_proves_lately_who_they_are(world: World, page: str) -> None:
    cache.clear()
    nurse = give_password(world.nurse)
    browser = a_browser()
    sign_in(browser, nurse, give_app(nurse))
    where = f"/staff/patients/{world.patient.pk}/{page}/"
    assert browser.get(where).status_code == 200
    later(nurse, timedelta(minutes=6), "confirmed_at")
    assert browser.post(where, {**NEW, "sure": "on"})["Location"] == AGAIN
    assert not Channel.objects.exists()
    assert not Token.objects.exists()
    assert ("change a patient’s number" if page == "number" else "make a patient’s card") in words(browser.get(AGAIN))


def test_a_code_that_went_to_the_old_number_ends(world: World, staff: Staff, settings: Settings) -> None:
    settings.SMS_BASE_URL = "http://127.0.0.1:9"
    give_number(world)
    ask_code(NUMBER, at=timezone.now())
    change(world, staff())
    assert Token.objects.get(kind=TokenKind.WAY_BACK).revoked_at is not None


def test_a_first_number_can_be_added(world: World, staff: Staff) -> None:
    assert "no number" in words(staff().get(address(world)))
    change(world, staff(), texts_agreed="on")
    assert Channel.objects.get(kind=ChannelKind.SMS).may_send


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Type the new number."),
        ("12", "too short or too long"),
        ("abc", "Type a phone number"),
        ("212-555-0142", "This is the number that we have."),
        ("9" * 40, "too long"),
    ],
)
def test_what_can_not_be_a_new_number_is_refused_and_kept(world: World, staff: Staff, typed: str, said: str) -> None:
    give_number(world)
    is_ours = "that we have" in said
    for sure in ({}, {"sure": "on"})[: 1 if is_ours else 2]:
        response = staff().post(address(world), {"phone": typed, **sure})
        assert response.status_code == 422
        assert said in words(response)
        assert typed in response.content.decode()
    assert Channel.objects.get(kind=ChannelKind.SMS).address == NUMBER


def test_a_second_tap_is_the_first(world: World, staff: Staff) -> None:
    give_number(world)
    browser = staff()
    for _ in range(2):
        change(world, browser, texts_agreed="on")
    assert AuditEvent.objects.filter(action="number_changed").count() == 1
    assert Prompt.objects.count() == 1
