"""The way in and out: plain words, one kind of person per browser, and no other door."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.test import Client

from accounts.middleware import DEVICE
from accounts.models import StaffMember
from accounts.states import Role
from tests.clinic.doors import LOGIN, PASSWORD, SECOND, code_of, give_password
from tests.clinic.doors import sign_in as sign_in_with_app
from tests.clinic.pages import title, words
from tests.world import World, make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def nurse(world: World) -> StaffMember:
    cache.clear()  # the library counts tries there
    return give_password(world.nurse)


def sign_in(browser: Client, nurse: StaffMember, **other: str) -> tuple[int, str, str]:
    response = browser.post(LOGIN, {"login": nurse.user.email, "password": PASSWORD, **other})
    return response.status_code, response.get("Location", ""), words(response)


def test_a_member_of_staff_signs_in_with_two_steps_and_sees_the_board(
    client: Client, nurse: StaffMember, secret: str
) -> None:
    assert client.get(LOGIN).status_code == 200
    assert sign_in(client, nurse)[:2] == (302, SECOND)
    assert "Now the second step" in words(client.get(SECOND))
    assert client.post(SECOND, {"code": code_of(secret)})["Location"] == "/staff/"
    text = words(client.get("/staff/"))
    assert "Dana Reyes" in text
    assert "Successfully" not in text


def test_who_stops_at_the_second_step_can_begin_anew_as_somebody_else(
    client: Client, nurse: StaffMember, secret: str
) -> None:
    sign_in(client, nurse)
    assert client.get(LOGIN)["Location"] == SECOND
    assert client.post("/staff/logout/")["Location"] == LOGIN
    assert client.get(LOGIN).status_code == 200
    assert client.get(SECOND)["Location"] == LOGIN


def test_a_second_step_that_went_away_in_between_leads_back_to_the_start(
    client: Client, nurse: StaffMember, secret: str
) -> None:
    sign_in(client, nurse)
    Authenticator.objects.all().delete()
    assert client.get(SECOND)["Location"] == LOGIN
    assert client.get(LOGIN).status_code == 200


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
    answers = [sign_in(client, nurse, password="wrong") for _ in range(7)]
    assert [status for status, _, _ in answers] == [422] * 5 + [429] * 2
    assert "too many tries" in answers[-1][2]
    assert sign_in(client, nurse)[0] == 429


def test_two_hundred_staff_behind_one_address_do_not_lock_each_other_out(
    world: World, nurse: StaffMember, secret: str, settings: Any
) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *settings.PASSWORD_HASHERS]
    colleagues = [give_password(make_staff(world.clinic, Role.NURSE)) for _ in range(200)]
    assert {sign_in(Client(), colleague, password="a typo")[0] for colleague in colleagues * 2} == {422}
    assert sign_in_with_app(Client(), nurse, secret)["Location"] == "/staff/"


def test_a_closed_account_is_told_so(client: Client, nurse: StaffMember) -> None:
    nurse.user.is_active = False
    nurse.user.save()
    status, location, _ = sign_in(client, nurse)
    assert status in {302, 422}
    assert location in {"", "/staff/inactive/"}
    assert "This account is closed" in words(client.get("/staff/inactive/"))
    assert client.get("/staff/").status_code == 302


def test_signing_out_is_asked_by_a_look_and_done_by_a_tap(client: Client, nurse: StaffMember, secret: str) -> None:
    sign_in_with_app(client, nurse, secret)
    assert "Sign out?" in words(client.get("/staff/logout/"))
    assert client.get("/staff/").status_code == 200
    response = client.post("/staff/logout/", follow=True)
    assert "You are signed out." in words(response)
    assert client.get("/staff/").status_code == 302


def test_the_phone_of_a_patient_ends_where_staff_sign_in(phone: Client, nurse: StaffMember, secret: str) -> None:
    """A browser is one of them, never both."""
    assert sign_in_with_app(phone, nurse, secret)["Location"] == "/staff/"
    assert DEVICE not in phone.session
    assert phone.get("/staff/").status_code == 200


@pytest.mark.parametrize(
    "elsewhere", ["https://example.com/", "//example.com/", "/\\example.com", "javascript:alert(1)"]
)
def test_an_address_in_next_never_leads_elsewhere(
    client: Client, nurse: StaffMember, secret: str, elsewhere: str
) -> None:
    sign_in(client, nurse, next=elsewhere)
    assert client.post(SECOND, {"code": code_of(secret)})["Location"] == "/staff/"


@pytest.mark.parametrize(
    "page",
    ["signup", "email", "confirm-email", "confirm-email/x", "password/change", "password/set", "password/reset",
     "password/reset/done", "password/reset/key/1-abc", "login/code", "login/code/confirm", "2fa", "2fa/totp/activate",
     "2fa/webauthn/add", "2fa/recovery-codes/download", "2fa/trust", "signup/passkey", "login/trust"],
)  # fmt: skip
@pytest.mark.parametrize("method", ["get", "post"])
def test_no_other_door_is_open(client: Client, page: str, method: str) -> None:
    assert getattr(client, method)(f"/staff/{page}/").status_code == 404


def test_tries_count_together_whatever_the_browser_calls_us(nurse: StaffMember) -> None:
    client = Client()
    wrong = {"login": nurse.user.email, "password": "wrong"}
    said = [client.post(LOGIN, wrong, headers={"Host": f"localhost:{1000 + i}"}).status_code for i in range(8)]
    assert said == [422] * 5 + [429] * 3
