"""A passkey is a second step, or opens alone when it was made for that; and nobody else's answer opens anything."""

from __future__ import annotations

import json

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from accounts.models import SignIn, StaffMember
from accounts.second_steps import second_steps
from accounts.states import Role
from tests.clinic.doors import (
    ADD_PASSKEY,
    AGAIN,
    CODES,
    FLAG,
    LOGIN,
    SECOND,
    SoftPasskey,
    a_browser,
    give_passkey,
    give_password,
    options_of,
    sign_in,
    type_password,
    use_passkey_alone,
)
from tests.clinic.pages import words
from tests.world import World, make_staff

pytestmark = pytest.mark.django_db


def test_a_passkey_is_a_second_step(nurse: StaffMember, newcomer: Client) -> None:
    passkey = SoftPasskey()
    assert give_passkey(newcomer, passkey)["Location"] == CODES
    assert newcomer.get("/staff/").status_code == 200
    browser = a_browser()
    type_password(browser, nurse)
    asked = browser.get(SECOND)
    assert "Use your passkey" in words(asked)
    assert browser.post(SECOND, {"credential": passkey.use(options_of(asked))})["Location"] == "/staff/"
    assert browser.get("/staff/").status_code == 200


def test_a_passkey_opens_alone(nurse: StaffMember, newcomer: Client) -> None:
    passkey = SoftPasskey()
    give_passkey(newcomer, passkey)
    browser = a_browser()
    assert use_passkey_alone(browser, passkey)["Location"] == "/staff/"
    assert browser.get("/staff/").status_code == 200
    assert SignIn.objects.filter(user=nurse.user, is_strong=True).count() == 2


def test_a_key_that_was_made_for_a_second_step_does_not_open_alone(nurse: StaffMember, newcomer: Client) -> None:
    key = SoftPasskey()
    give_passkey(newcomer, key, kind="key")
    browser = a_browser()
    response = use_passkey_alone(browser, key)
    assert response.status_code == 422
    assert "This passkey is a second step only" in words(response)
    assert browser.get("/staff/").status_code == 302
    type_password(browser, nurse)
    asked = options_of(browser.get(SECOND))
    assert browser.post(SECOND, {"credential": key.use(asked)})["Location"] == "/staff/"


def test_a_script_that_says_it_is_a_passkey_changes_nothing_of_what_was_asked(
    nurse: StaffMember, newcomer: Client
) -> None:
    """The browser says what it likes; what it was asked for stands in the session."""
    key = SoftPasskey()
    options = options_of(newcomer.get(f"{ADD_PASSKEY}?kind=key"))
    made = json.loads(key.make(options)) | {"clientExtensionResults": {"credProps": {"rk": True}}, "opens_alone": True}
    newcomer.post(ADD_PASSKEY, {"name": "Mine", "credential": json.dumps(made), "opens_alone": "on"})
    assert [step.opens_alone for step in second_steps(nurse.user).steps] == [False]
    assert use_passkey_alone(a_browser(), key).status_code == 422


def test_a_passkey_that_does_not_check_who_holds_it_is_not_taken_as_one(newcomer: Client, nurse: StaffMember) -> None:
    response = give_passkey(newcomer, SoftPasskey(verifies=False))
    assert response.status_code == 422
    assert "could not be made" in words(response)
    assert second_steps(nurse.user).steps == ()


def test_a_passkey_alone_counts_only_when_it_checked_who_holds_it(nurse: StaffMember, newcomer: Client) -> None:
    passkey = SoftPasskey()
    give_passkey(newcomer, passkey)
    passkey.flags = FLAG.UP
    assert use_passkey_alone(a_browser(), passkey).status_code == 422


def test_a_passkey_that_was_removed_says_what_else_there_is(nurse: StaffMember, secret: str, newcomer: Client) -> None:
    browser = a_browser()
    sign_in(browser, nurse, secret)
    passkey = SoftPasskey()
    give_passkey(browser, passkey)
    Authenticator.objects.filter(user=nurse.user, type="webauthn").delete()
    response = use_passkey_alone(a_browser(), passkey)
    assert response.status_code == 422
    assert "Was it removed from the phone or from your account?" in words(response)
    assert "ask a manager to let you in again" in words(response)


@pytest.mark.parametrize("origin", ["https://localhost.example.org", "https://example.org", "http://localhost.evil"])
def test_a_passkey_that_was_asked_by_another_site_opens_nothing(
    nurse: StaffMember, newcomer: Client, origin: str
) -> None:
    passkey = SoftPasskey()
    give_passkey(newcomer, passkey)
    browser = a_browser()
    type_password(browser, nurse)
    asked = options_of(browser.get(SECOND))
    assert browser.post(SECOND, {"credential": passkey.use(asked, origin=origin)}).status_code == 422


def test_an_answer_of_a_passkey_works_once(nurse: StaffMember, newcomer: Client) -> None:
    passkey = SoftPasskey()
    give_passkey(newcomer, passkey)
    browser = a_browser()
    type_password(browser, nurse)
    answer = passkey.use(options_of(browser.get(SECOND)))
    assert browser.post(SECOND, {"credential": answer}).status_code == 302
    other = a_browser()
    type_password(other, nurse)
    other.get(SECOND)
    assert other.post(SECOND, {"credential": answer}).status_code == 422


NOT_A_PASSKEY = [
    "", "{}", "[]", "null", "7", '"x"', "{", '{"id": 1}', '{"id": "x", "rawId": "x", "response": {}, "type": "public-key"}',
    '{"response": null}', '{"response": {"userHandle": 7}}', '{"response": {"userHandle": "AAAA"}}',
    '{"id":"AA","rawId":"AA","type":"public-key","response":{"clientDataJSON":"AA","authenticatorData":"AA","signature":"AA","userHandle":"MQ"}}',
    '{"id":"AA","rawId":"AA","type":"public-key","response":{"clientDataJSON":"e30","attestationObject":"AA"}}',
]  # fmt: skip


@pytest.mark.parametrize("sent", NOT_A_PASSKEY)
def test_what_is_no_passkey_is_an_error_in_words(nurse: StaffMember, secret: str, newcomer: Client, sent: str) -> None:
    waiting, strong = a_browser(), a_browser()
    type_password(waiting, nurse)
    sign_in(strong, nurse, secret)
    strong.get(ADD_PASSKEY)
    stranger = a_browser()
    stranger.get(f"{LOGIN}passkey/", headers={"accept": "application/json"})
    for browser, page in ((waiting, SECOND), (strong, ADD_PASSKEY), (strong, AGAIN), (stranger, f"{LOGIN}passkey/")):
        response = browser.post(page, {"name": "Mine", "credential": sent})
        assert (page, response.status_code) == (page, 422)
        assert "There is a problem" in words(response)


def test_what_another_page_asked_for_opens_nothing_alone(world: World, nurse: StaffMember) -> None:
    """A second step asks for a touch only; who signs out in the middle must not spend that on the other door."""
    browser, key, thief = a_browser(), SoftPasskey(), give_password(make_staff(world.clinic, Role.FRONT_DESK))
    type_password(browser, nurse)
    give_passkey(browser, key)
    browser = a_browser()
    type_password(browser, thief)
    give_passkey(browser, SoftPasskey())
    key.flags = FLAG.UP  # found without its PIN
    browser = a_browser()
    type_password(browser, thief)
    options = options_of(browser.get(SECOND))
    browser.post("/staff/logout/")
    assert browser.post(f"{LOGIN}passkey/", {"credential": key.use(options)}).status_code == 422
    assert browser.get("/staff/").status_code == 302
