"""Your phone and PIN: a new PIN by the old one or by the card, and signing phones out."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import AuditEvent, Device, Patient, Token
from accounts.services import check_pin, make_card
from accounts.states import TokenKind
from tests.accounts.ways import NEW_PIN, PIN, bind_before
from tests.clinic.pages import words
from tests.world import World

pytestmark = pytest.mark.django_db

PAGES = ("", "change/", "forgot/", "others/", "sign-out/")


@pytest.fixture
def own(world: World) -> Client:
    """The patient's phone, bound with PIN."""
    return bind_before(world)[0]


@pytest.fixture
def card(world: World) -> str:
    return make_card(world.patient, by=world.nurse, at=timezone.now()).code


def test_each_page_of_the_patient_leads_there(own: Client) -> None:
    for page in ("/", "/messages/"):
        assert 'href="/phone-and-pin/"' in own.get(page).content.decode()


def test_looking_changes_nothing(own: Client, world: World) -> None:
    before = AuditEvent.objects.count()
    for page in PAGES:
        assert own.get(f"/phone-and-pin/{page}").status_code == 200
        own.head(f"/phone-and-pin/{page}")
    assert AuditEvent.objects.count() == before


def test_the_page_says_whom_to_tell_of_a_new_number(own: Client) -> None:
    assert "New number? Tell the front desk." in words(own.get("/phone-and-pin/"))


def test_the_old_pin_lets_one_pick_a_new_one(own: Client, world: World) -> None:
    response = own.post("/phone-and-pin/change/", {"known_pin": PIN, "pin": NEW_PIN, "again": NEW_PIN})
    assert (response.status_code, response["Location"]) == (303, "/phone-and-pin/")
    assert "Your new PIN works from now on." in words(own.get("/phone-and-pin/"))
    check_pin(world.patient, NEW_PIN, at=timezone.now())
    assert AuditEvent.objects.filter(action="pin_changed").count() == 1


def test_a_wrong_old_pin_changes_nothing_and_counts(own: Client, world: World) -> None:
    form = {"known_pin": "190284", "pin": NEW_PIN, "again": NEW_PIN}
    assert [own.post("/phone-and-pin/change/", form).status_code for _ in range(6)] == [422] * 4 + [429] * 2
    assert own.post("/phone-and-pin/change/", form | {"known_pin": PIN}).status_code == 429
    assert Patient.objects.get(pk=world.patient.pk).pin_misses == 5


@pytest.mark.parametrize("form", [{}, {"known_pin": PIN}, {"known_pin": PIN, "pin": "111111", "again": "111111"}])
def test_a_new_pin_that_will_not_do_costs_no_try(own: Client, world: World, form: dict[str, str]) -> None:
    assert own.post("/phone-and-pin/change/", form).status_code == 422
    assert Patient.objects.get(pk=world.patient.pk).pin_misses == 0


def test_the_card_lets_one_pick_a_new_pin(own: Client, world: World, card: str) -> None:
    form = {"card_code": card, "pin": NEW_PIN, "again": NEW_PIN}
    assert own.post("/phone-and-pin/forgot/", form).status_code == 303
    check_pin(world.patient, NEW_PIN, at=timezone.now())
    assert own.post("/phone-and-pin/forgot/", form).status_code == 422
    assert Token.objects.get(kind=TokenKind.RECOVERY_CARD).used_at


def test_a_wrong_card_is_tried_five_times_a_day(own: Client, world: World, card: str) -> None:
    form = {"card_code": "ABCD EFGH JKMN PQRS", "pin": NEW_PIN, "again": NEW_PIN}
    answers = [own.post("/phone-and-pin/forgot/", form) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [422] * 5 + [429]
    assert own.post("/phone-and-pin/forgot/", form | {"card_code": card}).status_code == 429
    check_pin(world.patient, PIN, at=timezone.now())


def test_the_other_phones_end_with_the_pin_alone(own: Client, world: World) -> None:
    other = bind_before(world)[0]
    assert "1 more phone is signed in." in words(own.get("/phone-and-pin/"))
    assert own.post("/phone-and-pin/others/", {"known_pin": "190284"}).status_code == 422
    assert other.get("/").status_code == 200
    assert own.post("/phone-and-pin/others/", {"known_pin": PIN}).status_code == 303
    assert other.get("/").status_code == 302
    assert "Only this phone is signed in" in words(own.get("/phone-and-pin/"))


def test_this_phone_is_signed_out_after_a_question(own: Client, world: World) -> None:
    assert "Sign out this phone?" in words(own.get("/phone-and-pin/sign-out/"))
    assert own.get("/").status_code == 200
    response = own.post("/phone-and-pin/sign-out/")
    assert (response.status_code, response["Location"]) == (303, "/welcome/")
    assert own.get("/").status_code == 302
    assert Device.objects.get().revoked_at is not None


def test_a_stranger_and_staff_are_sent_away(client: Client, world: World, staff: Callable[..., Client]) -> None:
    nurse = staff()
    for page in PAGES:
        assert client.get(f"/phone-and-pin/{page}").status_code == 302
        assert nurse.get(f"/phone-and-pin/{page}")["Location"] == "/staff/"


def test_no_pin_and_no_card_comes_back_on_a_page(own: Client) -> None:
    form = {"known_pin": "190284", "pin": NEW_PIN, "again": NEW_PIN}
    page = own.post("/phone-and-pin/change/", form).content.decode()
    assert "190284" not in page
    assert NEW_PIN not in page
