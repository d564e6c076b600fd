"""The second step: nobody comes in with a password alone, and each of the three ways works, and only for its owner."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.models import SignIn, StaffMember
from accounts.sealing import SealBroken, seal, unseal
from accounts.second_steps import second_steps
from accounts.services.second_steps import SignInTooWeak, add_app
from accounts.states import Role
from tests.clinic.doors import (
    ADD_APP,
    ADD_PASSKEY,
    CODES,
    LOGIN,
    ME,
    SECOND,
    STEPS,
    SoftPasskey,
    a_browser,
    code_of,
    give_app,
    give_passkey,
    give_password,
    options_of,
    sign_in,
    type_password,
)
from tests.clinic.pages import words
from tests.world import World, acts, make_staff

pytestmark = pytest.mark.django_db


# Without one


@pytest.mark.parametrize("page", ["/staff/", "/staff/patients/", "/staff/patients/add/", "/staff/protocols/", ME])
@pytest.mark.parametrize("method", ["get", "post"])
def test_with_a_password_alone_no_page_of_the_staff_opens(newcomer: Client, page: str, method: str) -> None:
    response = getattr(newcomer, method)(page)
    assert (response.status_code, response["Location"]) == (302, STEPS)


def test_the_board_that_asks_by_itself_is_moved_on_too(newcomer: Client) -> None:
    response = newcomer.get("/staff/?seen=x", headers={"HX-Request": "true"})
    assert (response.status_code, response["HX-Redirect"]) == (401, STEPS)


def test_the_page_that_is_left_offers_both_ways_and_the_way_out(newcomer: Client) -> None:
    text = words(newcomer.get(STEPS))
    assert "Add a second step" in text
    assert "A passkey" in text and "An authenticator app" in text
    assert "Sign out, and do it later" in text


def test_the_demos_own_people_need_none(world: World) -> None:
    """They have no password: only the demo's button signs them in."""
    browser = Client()
    browser.force_login(world.nurse.user)
    assert browser.get("/staff/").status_code == 200


def test_outside_the_demo_everybody_needs_one(world: World, settings: Any) -> None:
    settings.DEMO = False
    browser = Client()
    browser.force_login(world.nurse.user)
    assert browser.get("/staff/")["Location"] == STEPS


def test_of_two_browsers_with_the_password_the_one_that_adds_a_step_keeps_the_other_out(
    nurse: StaffMember, newcomer: Client
) -> None:
    thief = a_browser()
    type_password(thief, nurse)
    options = options_of(thief.get(ADD_PASSKEY))
    give_passkey(newcomer, SoftPasskey())
    late = thief.post(ADD_PASSKEY, {"name": "Mine", "credential": SoftPasskey().make(options)})
    assert late["Location"] == LOGIN
    assert len(second_steps(nurse.user).steps) == 1


def test_a_sign_in_with_the_password_alone_adds_no_step_beside_one_that_is_there(
    nurse: StaffMember, newcomer: Client, secret: str
) -> None:
    """Of two that come in the same moment, the one that waited for the other is refused."""
    weak = SignIn.objects.get(user=nurse.user)
    with pytest.raises(SignInTooWeak):
        add_app(nurse, sign_in=weak, at=timezone.now(), secret=secret)
    assert len(second_steps(nurse.user).steps) == 1


# An app


def set_up_app(browser: Client) -> str:
    """The secret, as somebody without a camera reads it from the page."""
    page = browser.get(ADD_APP).content.decode()
    return "".join(re.findall(r'<span class="chunk">(\w+)</span>', page.partition('class="num keys"')[2]))


def test_an_app_is_added_then_recovery_codes_then_the_board(nurse: StaffMember, newcomer: Client) -> None:
    secret = set_up_app(newcomer)
    assert set_up_app(newcomer) == secret
    assert "<svg" in newcomer.get(ADD_APP).content.decode()
    assert newcomer.post(ADD_APP, {"code": code_of(secret)})["Location"] == CODES
    assert "Show my codes" in words(newcomer.get(CODES))
    shown = newcomer.post(CODES).content.decode()
    assert len(re.findall(r"<li>\d{5} \d{5} \d{5} \d{5}</li>", shown)) == 10
    assert not re.search(r"\d{5} \d{5}", newcomer.get(CODES).content.decode())
    assert newcomer.get("/staff/").status_code == 200
    actions = acts().values_list("action", flat=True)
    assert list(actions) == ["second_step_added", "recovery_codes_made"]


@pytest.mark.parametrize("steps", [-1, 0, 1])
def test_a_phone_whose_clock_is_a_little_off_is_fine(nurse: StaffMember, secret: str, steps: int) -> None:
    browser = a_browser()
    assert type_password(browser, nurse)["Location"] == SECOND
    assert browser.get("/staff/")["Location"] == LOGIN
    assert browser.post(SECOND, {"code": code_of(secret, steps=steps)})["Location"] == "/staff/"
    assert browser.get("/staff/").status_code == 200
    assert SignIn.objects.get(user=nurse.user).is_strong


@pytest.mark.parametrize("steps", [-3, 3])
def test_a_phone_whose_clock_is_far_off_is_told_what_to_do(nurse: StaffMember, secret: str, steps: int) -> None:
    browser = a_browser()
    type_password(browser, nurse)
    response = browser.post(SECOND, {"code": code_of(secret, steps=steps)})
    assert response.status_code == 422
    assert "Set your phone’s clock to automatic" in words(response)
    assert "Ask a manager of your clinic to let you in again" in words(response)
    assert browser.get("/staff/").status_code == 302


def test_the_wrong_code_while_the_app_is_set_up_says_the_same_and_keeps_the_key(newcomer: Client) -> None:
    secret = set_up_app(newcomer)
    response = newcomer.post(ADD_APP, {"code": code_of(secret, steps=5)})
    assert response.status_code == 422
    assert "clock to automatic" in words(response)
    assert set_up_app(newcomer) == secret


@pytest.mark.parametrize(
    ("library_forgets", "said"),
    [(False, "This code is not right."), (True, "This code was used before. Wait for the next one.")],
)
def test_a_code_is_taken_once(nurse: StaffMember, secret: str, library_forgets: bool, said: str) -> None:
    """The library remembers for half a minute; a code of one step before or after lives three times as long."""
    code = code_of(secret, steps=1)
    type_password(first := a_browser(), nurse)
    assert first.post(SECOND, {"code": code}).status_code == 302
    if library_forgets:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM aftercare_cache WHERE cache_key LIKE %s", ["%allauth.mfa.totp.used%"])
    type_password(second := a_browser(), nurse)
    response = second.post(SECOND, {"code": code})
    assert response.status_code == 422
    assert said in words(response)


@pytest.mark.parametrize("code", ["", "0", "000000", "x" * 5000, "🌿", "12 34 56", "1\0" + "2"])
def test_what_is_no_code_is_an_error_in_words(nurse: StaffMember, secret: str, code: str) -> None:
    browser = a_browser()
    type_password(browser, nurse)
    response = browser.post(SECOND, {"code": code})
    assert response.status_code == 422
    assert "There is a problem" in words(response)


def test_tries_are_counted_by_person_and_end_in_429(nurse: StaffMember, secret: str) -> None:
    browser = a_browser()
    type_password(browser, nurse)
    statuses = [browser.post(SECOND, {"code": "000000"}).status_code for _ in range(6)]
    assert statuses[:4] == [422] * 4
    assert statuses[-1] == 429
    response = browser.post(SECOND, {"code": code_of(secret)})
    assert response.status_code == 429
    assert "too many tries" in words(response)


# Recovery codes


def recovery_codes(browser: Client) -> list[str]:
    return re.findall(r"<li>([\d ]{23})</li>", browser.post(CODES).content.decode())


def test_a_recovery_code_stands_in_for_the_app_once(nurse: StaffMember, secret: str) -> None:
    first = a_browser()
    sign_in(first, nurse, secret)
    code = recovery_codes(first)[3]
    for status in (302, 422):
        browser = a_browser()
        type_password(browser, nurse)
        assert browser.post(SECOND, {"code": code}).status_code == status
    assert second_steps(nurse.user).codes_left == 9
    assert "9 recovery codes left" in words(first.get(ME))


def test_fresh_codes_end_the_ones_before(nurse: StaffMember, secret: str) -> None:
    first = a_browser()
    sign_in(first, nurse, secret)
    old, new = recovery_codes(first), recovery_codes(first)
    assert not set(old) & set(new)
    browser = a_browser()
    type_password(browser, nurse)
    assert browser.post(SECOND, {"code": old[0]}).status_code == 422
    assert browser.post(SECOND, {"code": new[0]}).status_code == 302


# Taking away


def test_the_last_step_stays(nurse: StaffMember, secret: str) -> None:
    browser = a_browser()
    sign_in(browser, nurse, secret)
    (step,) = second_steps(nurse.user).steps
    remove = f"{STEPS}{step.id}/remove/"
    assert "The last one stays" in words(browser.get(ME))
    response = browser.post(remove)
    assert response.status_code == 409
    assert "This is your last second step" in words(response)
    give_passkey(browser, SoftPasskey())
    assert "Remove Authenticator app?" in words(browser.get(remove))
    assert browser.post(remove)["Location"] == ME
    assert [step.is_passkey for step in second_steps(nurse.user).steps] == [True]
    assert browser.post(remove)["Location"] == ME
    assert browser.get(remove).status_code == 404


def test_nobody_removes_the_step_of_somebody_else(world: World, nurse: StaffMember, secret: str) -> None:
    browser = a_browser()
    sign_in(browser, nurse, secret)
    other = give_password(make_staff(world.clinic, Role.CLINICIAN))
    give_app(other)
    (step,) = second_steps(other.user).steps
    assert browser.get(f"{STEPS}{step.id}/remove/").status_code == 404
    browser.post(f"{STEPS}{step.id}/remove/")
    assert len(second_steps(other.user).steps) == 1


# At rest


def test_no_seed_stands_in_the_database(nurse: StaffMember, newcomer: Client) -> None:
    secret = set_up_app(newcomer)
    newcomer.post(ADD_APP, {"code": code_of(secret)})
    newcomer.post(CODES)
    with connection.cursor() as cursor:
        cursor.execute("SELECT data::text FROM mfa_authenticator")
        kept = " ".join(row for (row,) in cursor.fetchall())
        cursor.execute("SELECT session_data FROM django_session")
        sessions = [row for (row,) in cursor.fetchall()]
    assert secret not in kept
    assert not re.search(r"[0-9a-f]{80}", kept)
    assert kept.count("gAAAA") == 2
    assert all(secret not in str(newcomer.session.decode(row)) for row in sessions)


def test_a_new_key_reads_what_the_one_before_kept(nurse: StaffMember, secret: str, settings: Any) -> None:
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another key of fifty characters, for this test alone"
    browser = a_browser()
    assert sign_in(browser, nurse, secret)["Location"] == "/staff/"


def test_a_key_that_is_lost_is_told_in_words(nurse: StaffMember, secret: str, settings: Any) -> None:
    settings.SECRET_KEY = "another key of fifty characters, for this test alone"
    browser = a_browser()
    response = sign_in(browser, nurse, secret)
    assert response.status_code == 422
    assert "Ask a manager to let you in again." in words(response)


def test_a_seal_opens_with_its_own_key_only() -> None:
    sealed = seal("words", keys=["a"])
    assert sealed != seal("words", keys=["a"])
    assert unseal(sealed, keys=["b", "a"]) == "words"
    with pytest.raises(SealBroken):
        unseal(sealed, keys=["b"])
    with pytest.raises(SealBroken):
        unseal(sealed[:-2] + "AA", keys=["a"])


def test_a_password_alone_makes_no_recovery_codes_and_removes_no_step(world: World) -> None:
    """Also not in a browser that signed in before the second step was there."""
    cache.clear()
    nurse, early = give_password(world.nurse), a_browser()
    type_password(early, nurse)
    give_app(nurse)
    assert early.post("/staff/me/second-step/codes/").status_code in {302, 401, 403}
    step = second_steps(nurse.user).steps[0]
    assert early.post(f"/staff/me/second-step/{step.id}/remove/").status_code in {302, 401, 403}
    assert len(second_steps(nurse.user).steps) == 1
