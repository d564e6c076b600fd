"""The invitation before the visit: a link that a scanner can't use up, and a phone that opens the set-up alone."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import AuditEvent, Device, Patient, Token
from accounts.services import (
    LinkExpired,
    VisitOver,
    check_pin,
    invitation_code,
    invitation_link,
    invite,
    withdraw_invitations,
)
from accounts.states import DeviceScope, TokenKind
from accounts.tokens import hash_secret, show_code
from tests.accounts.ways import NEW_PIN, PIN, bind_before, give_pin
from tests.clinic.pages import words
from tests.fuzz.addresses import example
from tests.test_architecture import views
from tests.world import World
from timeline.states import TreatmentState

pytestmark = pytest.mark.django_db

PHONE = {"User-Agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Mobile/15E148"}


@pytest.fixture
def planned_for(world: World) -> datetime:
    moment = timezone.now() + timedelta(days=2)
    world.treatment(TreatmentState.PLANNED, hour_zero=None, planned_for=moment)
    return moment


@pytest.fixture
def token(world: World, planned_for: datetime) -> Token:
    return invite(world.patient, planned_for=planned_for, by=world.nurse, at=timezone.now())


def path_of(token: Token) -> str:
    return invitation_link(token).removeprefix("http://localhost:8000")


def opened(token: Token, client: Client | None = None) -> Client:
    browser = client or Client(headers=PHONE)
    assert browser.get(path_of(token))["Location"] == "/invitation/"
    return browser


def accepted(token: Token, pin: str = NEW_PIN) -> Client:
    browser = opened(token)
    response = browser.post("/invitation/", {"pin": pin, "again": pin})
    assert (response.status_code, response["Location"]) == (303, "/set-up/")
    return browser


def test_the_link_carries_128_bits_that_no_row_holds(token: Token) -> None:
    secret = path_of(token).strip("/").rpartition("/")[2]
    assert len(secret) == 22
    kept = " ".join(Token.objects.values_list("hash", flat=True))
    assert secret not in kept
    assert invitation_code(token) not in kept
    assert Token.objects.get(kind=TokenKind.INVITATION).hash == hash_secret(secret)


def test_link_and_code_outlive_a_change_of_the_key_but_not_its_loss(token: Token, settings: Settings) -> None:
    before, code, old = invitation_link(token), invitation_code(token), settings.SECRET_KEY
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "k" * 50, [old]
    assert (invitation_link(token), invitation_code(token)) == (before, code)
    assert Client().post("/code/", {"code": code})["Location"] == "/invitation/"
    settings.SECRET_KEY_FALLBACKS = []
    assert Client().post("/code/", {"code": code}).status_code == 422
    with pytest.raises(LinkExpired):
        invitation_link(token)


def test_it_lasts_until_twelve_hours_after_the_planned_time(token: Token, planned_for: datetime) -> None:
    assert token.expires_at == planned_for + timedelta(hours=12)


def test_nobody_is_invited_to_a_visit_that_is_over(world: World) -> None:
    at = timezone.now()
    with pytest.raises(VisitOver):
        invite(world.patient, planned_for=at - timedelta(hours=12), by=world.nurse, at=at)
    assert not Token.objects.exists()


def test_a_pin_picked_twice_binds_for_set_up_alone(token: Token, world: World) -> None:
    browser = accepted(token)
    device = Device.objects.get()
    assert (device.scope, device.patient_id, device.bound_by_id) == ("set_up", world.patient.pk, world.nurse.pk)
    assert browser.get("/set-up/").status_code == 200
    check_pin(world.patient, NEW_PIN, at=timezone.now())
    assert AuditEvent.objects.filter(action="invitation_used", object=str(device.pk)).exists()


def test_the_secret_leaves_the_address_before_a_page_is_shown(token: Token) -> None:
    browser = opened(token)
    assert path_of(token).strip("/").rpartition("/")[2] not in browser.get("/invitation/").content.decode()


def test_a_scanner_that_looks_at_everything_uses_nothing_up(token: Token, world: World) -> None:
    prefetch: tuple[dict[str, str], ...] = (
        {"Purpose": "prefetch"},
        {"Sec-Purpose": "prefetch;prerender"},
        {"X-Moz": "prefetch"},
        {},
    )
    for number in range(20):
        scanner = Client(headers=prefetch[number % 4])
        for look in (scanner.get, scanner.head, scanner.options):
            look(path_of(token))
            look("/invitation/")
    assert not Device.objects.exists()
    assert not AuditEvent.objects.filter(action="invitation_used").exists()
    assert Token.objects.filter(used_at=None, revoked_at=None).count() == 2
    accepted(token)


@pytest.mark.parametrize("form", [{}, {"pin": ""}, {"pin": NEW_PIN}, {"pin": "111111", "again": "111111"}])
def test_a_scanner_that_presses_the_button_binds_nothing(token: Token, form: dict[str, str]) -> None:
    assert opened(token).post("/invitation/", form).status_code == 422
    assert not Device.objects.exists()


def test_the_page_names_the_clinic_and_nobody_else(token: Token, world: World) -> None:
    page = words(opened(token).get("/invitation/"))
    assert world.clinic.name in page
    for private in (world.patient.first_name, world.patient.last_name, world.patient.record_number, world.nurse.name):
        assert private not in page


def test_who_has_a_pin_gives_that_one(token: Token, world: World) -> None:
    give_pin(world)
    browser = opened(token)
    assert "Type your PIN" in words(browser.get("/invitation/"))
    assert browser.post("/invitation/", {"known_pin": "190284"}).status_code == 422
    assert not Device.objects.exists()
    assert browser.post("/invitation/", {"known_pin": PIN}).status_code == 303
    check_pin(world.patient, PIN, at=timezone.now())


def test_wrong_pins_at_an_invitation_count_like_all_others(token: Token, world: World) -> None:
    give_pin(world)
    browser = opened(token)
    said = [browser.post("/invitation/", {"known_pin": "190284"}).status_code for _ in range(5)]
    assert said == [422] * 4 + [429]
    assert Patient.objects.get(pk=world.patient.pk).pin_misses == 5
    assert browser.post("/invitation/", {"known_pin": PIN}).status_code == 429


def test_the_typed_code_leads_to_the_same_page(token: Token) -> None:
    browser = Client()
    response = browser.post("/code/", {"code": show_code(invitation_code(token)).lower()})
    assert (response.status_code, response["Location"]) == (303, "/invitation/")
    assert browser.post("/invitation/", {"pin": NEW_PIN, "again": NEW_PIN}).status_code == 303
    used = opened(token).get("/invitation/")
    assert used.status_code == 410
    assert "It was used on a phone already" in words(used)


def test_on_a_computer_the_page_says_what_to_type_on_the_phone(token: Token) -> None:
    page = words(opened(token, Client(headers={"User-Agent": "Mozilla/5.0 (X11; Linux x86_64)"})).get("/invitation/"))
    assert "Best on the phone you will have with you" in page
    assert show_code(invitation_code(token)) in page
    assert "localhost:8000/welcome/" in page
    assert "Best on the phone" not in words(opened(token).get("/invitation/"))


def test_opened_again_on_the_same_phone_it_goes_on_to_the_set_up(token: Token) -> None:
    browser = accepted(token)
    browser.get(path_of(token))
    assert browser.get("/invitation/")["Location"] == "/set-up/"


def test_opened_again_elsewhere_it_says_whom_to_call(token: Token, world: World) -> None:
    accepted(token)
    response = opened(token).get("/invitation/")
    assert response.status_code == 410
    page = response.content.decode()
    assert "Was that not you? Call your clinic now." in words(response)
    assert f'href="tel:{world.clinic.phone}"' in page or f'href="tel:{world.clinic.after_hours_phone}"' in page


def test_after_the_visit_it_says_that_it_is_over(token: Token) -> None:
    Token.objects.update(expires_at=timezone.now() - timedelta(hours=1))
    response = opened(token).get("/invitation/")
    assert response.status_code == 410
    assert "This visit is over" in words(response)
    assert opened(token).post("/invitation/", {"pin": NEW_PIN, "again": NEW_PIN}).status_code == 410


def test_a_bound_phone_goes_to_its_day(token: Token, world: World) -> None:
    browser, _ = bind_before(world)
    browser.get(path_of(token))
    assert browser.get("/invitation/")["Location"] == "/"


def test_a_newer_invitation_takes_the_older_one_back(token: Token, world: World, planned_for: datetime) -> None:
    newer = invite(world.patient, planned_for=planned_for, by=world.nurse, at=timezone.now())
    response = opened(token).get("/invitation/")
    assert response.status_code == 410
    assert "Look for a newer link from them." in words(response)
    accepted(newer)


def test_an_invitation_that_was_taken_back_says_so(token: Token, world: World) -> None:
    withdraw_invitations(world.patient, at=timezone.now())
    response = opened(token).get("/invitation/")
    assert response.status_code == 410
    assert "Was your visit cancelled?" in words(response)


@pytest.mark.parametrize("secret", ["invented", "x" * 500, "%C3%A9", "a%0Ab"])
def test_an_invented_link_says_what_to_do(client: Client, world: World, secret: str) -> None:
    client.get(f"/i/{secret}/")
    response = client.get("/invitation/")
    assert response.status_code == 410
    assert "This link does not work" in words(response)
    assert not Session.objects.exists()


def test_a_second_set_up_phone_ends_the_first(token: Token, world: World, planned_for: datetime) -> None:
    first = accepted(token)
    newer = invite(world.patient, planned_for=planned_for, by=world.nurse, at=timezone.now())
    assert opened(newer).post("/invitation/", {"known_pin": NEW_PIN}).status_code == 303
    assert first.get("/set-up/").status_code == 302


def test_face_to_face_the_phone_opens_all_and_the_set_up_one_ends(token: Token, world: World) -> None:
    before = accepted(token)
    phone, device = bind_before(world)
    assert phone.get("/").status_code == 200
    assert device.is_full
    assert before.get("/set-up/").status_code == 302
    assert Device.objects.filter(scope=DeviceScope.SET_UP, revoked_at=None).count() == 0


def test_face_to_face_an_open_invitation_ends_too(token: Token, world: World) -> None:
    bind_before(world)
    assert opened(token).get("/invitation/").status_code == 410


def patient_addresses() -> list[tuple[str, Any]]:
    """Every address of a patient's page, with made-up values in it."""
    found = []
    for route, view in views(get_resolver()):
        if getattr(view, "audience", "") == "patient":
            found.append((example(route, slug="settle", uuid=uuid4(), int=2), view))
    return found


def test_a_set_up_phone_opens_the_set_up_and_nothing_else(token: Token) -> None:
    browser = accepted(token)
    walked = patient_addresses()
    assert len(walked) >= 8
    for address, view in walked:
        if getattr(view, "is_for_set_up", False):
            continue
        for look in (browser.get, browser.post):
            response = look(address)
            assert (address, response.status_code) in {(address, 302), (address, 405)}
            assert response.status_code == 405 or response["Location"] == "/set-up/"
        part = browser.get(address, headers={"HX-Request": "true"})
        assert part.status_code in {401, 405}
        assert part.headers.get("HX-Redirect", "/set-up/") == "/set-up/"


def test_what_a_set_up_phone_may_open_is_named_here() -> None:
    named = {address for address, view in patient_addresses() if getattr(view, "is_for_set_up", False)}
    assert {address for address in named if not address.startswith("/set-up/")} == {
        "/home-card/",
        "/messages/tap/",
        "/phone-and-pin/sign-out/",
        "/push/subscribe/",
        "/push/unsubscribe/",
    }


def test_a_set_up_phone_can_be_signed_out(token: Token) -> None:
    browser = accepted(token)
    assert browser.post("/phone-and-pin/sign-out/").status_code == 303
    assert browser.get("/set-up/").status_code == 302


def test_the_bar_of_a_set_up_phone_leads_only_to_the_set_up(token: Token) -> None:
    page = accepted(token).get("/set-up/").content.decode()
    assert reverse("prompts:messages") not in page
    assert 'href="/phone-and-pin/"' not in page


def test_the_addresses_that_are_walked_are_whole() -> None:
    assert all("<" not in address for address, _ in patient_addresses())
