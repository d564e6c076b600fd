"""The way in and out: plain words, one kind of person per browser, and no other door."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.test import Client

from accounts.middleware import DEVICE
from accounts.models import StaffMember
from tests.clinic.pages import title, words
from tests.world import World

pytestmark = pytest.mark.django_db
LOGIN, PASSWORD = "/staff/login/", "four quiet wooden boats"


@pytest.fixture
def nurse(world: World) -> StaffMember:
    cache.clear()  # the library counts tries there
    world.nurse.user.set_password(PASSWORD)
    world.nurse.user.save()
    return world.nurse


def sign_in(browser: Client, nurse: StaffMember, **other: str) -> tuple[int, str, str]:
    response = browser.post(LOGIN, {"login": nurse.user.email, "password": PASSWORD, **other})
    return response.status_code, response.get("Location", ""), words(response)


def test_a_member_of_staff_signs_in_and_sees_the_board(client: Client, nurse: StaffMember) -> None:
    assert client.get(LOGIN).status_code == 200
    assert sign_in(client, nurse)[:2] == (302, "/staff/")
    text = words(client.get("/staff/"))
    assert "Dana Reyes" in text
    assert "Successfully" not in text


@pytest.mark.parametrize(
    ("message", "other"),
    [
        ("This e-mail address and this password do not go together.", {"password": "wrong"}),
        ("This e-mail address and this password do not go together.", {"login": "nobody@example.org"}),
        ("Type your password.", {"password": ""}),
        ("Type your e-mail address.", {"login": ""}),
        ("Type an e-mail address", {"login": "dana"}),
        ("Type an e-mail address", {"login": "🌿@🌿"}),
        ("There is a problem", {"password": "a\0b"}),
        ("There is a problem", {"login": "x" * 5000 + "@example.org"}),
    ],
)
def test_what_does_not_open_is_told_plainly(
    client: Client, nurse: StaffMember, message: str, other: dict[str, str]
) -> None:
    status, _, text = sign_in(client, nurse, **other)
    assert status == 422
    assert message in text
    assert title(client.post(LOGIN, {})) == "Error: Sign in"
    assert client.get("/staff/").status_code == 302


def test_too_many_tries_have_to_wait(client: Client, nurse: StaffMember) -> None:
    answers = [sign_in(client, nurse, password="wrong") for _ in range(12)]
    assert {status for status, _, _ in answers} <= {422, 429}
    assert "too many tries" in answers[-1][2]
    assert sign_in(client, nurse)[0] in {422, 429}


def test_a_closed_account_is_told_so(client: Client, nurse: StaffMember) -> None:
    nurse.user.is_active = False
    nurse.user.save()
    status, location, _ = sign_in(client, nurse)
    assert status in {302, 422}
    assert location in {"", "/staff/inactive/"}
    assert "This account is closed" in words(client.get("/staff/inactive/"))
    assert client.get("/staff/").status_code == 302


def test_signing_out_is_asked_by_a_look_and_done_by_a_tap(client: Client, nurse: StaffMember) -> None:
    sign_in(client, nurse)
    assert "Sign out?" in words(client.get("/staff/logout/"))
    assert client.get("/staff/").status_code == 200
    response = client.post("/staff/logout/", follow=True)
    assert "You are signed out." in words(response)
    assert client.get("/staff/").status_code == 302


def test_the_phone_of_a_patient_ends_where_staff_sign_in(phone: Client, nurse: StaffMember) -> None:
    """A browser is one of them, never both."""
    assert sign_in(phone, nurse)[:2] == (302, "/staff/")
    assert DEVICE not in phone.session
    assert phone.get("/staff/").status_code == 200


def test_the_password_once_more(client: Client, nurse: StaffMember) -> None:
    again = "/staff/reauthenticate/"
    assert client.get(again).status_code == 302
    sign_in(client, nurse)
    assert "Your password once more" in words(client.get(again))
    refused = client.post(again, {"password": "wrong"})
    assert refused.status_code == 422
    assert "This is not your password." in words(refused)
    assert client.post(again, {"password": PASSWORD}).status_code == 302


def test_an_address_in_next_never_leads_elsewhere(client: Client, nurse: StaffMember) -> None:
    assert sign_in(client, nurse, next="https://example.com/")[1] == "/staff/"


@pytest.mark.parametrize(
    "page",
    ["signup", "email", "confirm-email", "confirm-email/x", "password/change", "password/set", "password/reset",
     "password/reset/done", "password/reset/key/1-abc", "login/code", "login/code/confirm"],
)  # fmt: skip
@pytest.mark.parametrize("method", ["get", "post"])
def test_no_other_door_is_open(client: Client, page: str, method: str) -> None:
    assert getattr(client, method)(f"/staff/{page}/").status_code == 404
