"""The escort's night page, and their own settings."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Consent, Escort
from accounts.services import may_text, stop_texts
from accounts.states import ConsentKind, ConsentWay
from alerts.models import Alert
from alerts.services import close_alert, take_alert
from alerts.states import Closing
from pickup.models import PickupLink
from pickup.services import say_cant_come, stop_helping
from tests.pickup.ways import PHONE, a_joined, an_escort, opened
from tests.world import World
from timeline.models import Treatment

pytestmark = pytest.mark.django_db


def text(browser: Client) -> str:
    return browser.get("/pickup/tonight/").getvalue().decode()


def test_it_says_when_to_wake_when_to_call_and_how_to_answer(visit: Treatment, escort: Client) -> None:
    page = text(escort)
    night = visit.lists.night
    for line in (*night.usual, *night.wake, *night.call_clinic, *night.call_emergency, *night.answering):
        assert line.replace("{name}", "Maya") in page.replace("&#x27;", "'")
    assert "tel:911" in page and "tel:988" in page


def test_texts_and_being_asked_are_turned_on_and_off(jo: Escort, escort: Client) -> None:
    assert escort.post("/pickup/settings/", {"asked": "on"}).status_code == 422
    for sent in ({"texts": "on", "asked": "on"}, {"texts": "on", "asked": "on"}, {}):
        assert escort.post("/pickup/settings/", sent).status_code == 303
    given = Consent.objects.exclude(kind="pickup").order_by("pk").values_list("kind", "given")
    assert list(given) == [
        (ConsentKind.ESCORT_TEXTS, True),
        (ConsentKind.ESCORT_ASKED, True),
        (ConsentKind.ESCORT_TEXTS, False),
        (ConsentKind.ESCORT_ASKED, False),
    ]
    assert not may_text(jo)


def test_a_stop_by_text_shows_on_the_page(jo: Escort, escort: Client) -> None:
    escort.post("/pickup/settings/", {"texts": "on"})
    assert 'name="texts" id="id_texts" checked' in text(escort)
    stop_texts(PHONE, at=timezone.now())
    assert 'name="texts" id="id_texts" checked' not in text(escort)
    last = Consent.objects.order_by("pk").last()
    assert last is not None and (last.kind, last.given, last.way) == ("escort_texts", False, ConsentWay.REPLY)


def test_who_only_drives_is_not_asked_about_the_night(world: World, visit: Treatment) -> None:
    driver = opened(a_joined(visit, an_escort(world, name="Ana")))
    assert 'name="asked"' not in text(driver)
    driver.post("/pickup/settings/", {"texts": "on", "phone": "212-555-0189", "asked": "on"})
    assert not Consent.objects.filter(kind=ConsentKind.ESCORT_ASKED).exists()


def test_to_stop_helping_is_asked_first_and_ends_the_link(jo: Escort, escort: Client) -> None:
    assert b"Stop helping Maya?" in escort.get("/pickup/stop/").getvalue()
    assert PickupLink.objects.get().token.revoked_at is None
    assert b"You have stopped" in escort.post("/pickup/stop/").getvalue()
    assert escort.get("/pickup/").status_code == 410
    jo.refresh_from_db()
    assert jo.ended_at is not None
    assert Alert.objects.get().reasons == ["Jo does not drive any more."]


@pytest.mark.parametrize(
    ("state", "stays", "told"),
    [
        ("planned", False, "drive"),
        ("in_treatment", False, "drive"),
        ("recovering", False, "drive"),
        ("discharged", False, ""),
        ("discharged", True, "stay"),
        ("closed", True, ""),
        ("ended_badly", True, ""),
    ],
)
def test_staff_hear_of_a_stop_while_somebody_is_needed(link: PickupLink, state: str, told: str, *, stays: bool) -> None:
    link.treatment.state, link.stays = state, stays
    stop_helping(link, at=timezone.now())
    reasons = [reason for alert in Alert.objects.all() for reason in alert.reasons]
    assert reasons == ([f"Jo does not {told} any more."] if told else [])


def test_a_stop_after_a_closed_alert_is_an_alert_of_its_own(world: World, link: PickupLink) -> None:
    at = timezone.now()
    say_cant_come(link, at=at)
    first = Alert.objects.get()
    take_alert(first, by=world.nurse, at=at, promised_for=None)
    close_alert(first, closing=Closing.NOT_NEEDED, done="Asked.", is_reported=None, by=world.nurse, at=at)
    stop_helping(link, at=at)
    assert Alert.objects.exclude(pk=first.pk).get().state == "open"
