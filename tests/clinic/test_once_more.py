"""What matters asks once more who it is, leads back, and loses nothing that was sent."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from accounts.middleware import ASKED_FOR, HOLDS_FOR, LEFT
from accounts.models import StaffMember
from tests.clinic.doors import (
    ADD_APP,
    ADD_PASSKEY,
    AGAIN,
    CODES,
    LOGIN,
    ME,
    PASSWORD,
    SoftPasskey,
    a_browser,
    code_of,
    give_passkey,
    later,
    options_of,
    sign_in,
)
from tests.clinic.pages import words

pytestmark = pytest.mark.django_db


GUARDED = [ADD_PASSKEY, ADD_APP, CODES, f"{ME}password/"]


@pytest.mark.parametrize("page", GUARDED)
def test_what_matters_asks_once_more_after_five_minutes_and_leads_back(
    nurse: StaffMember, secret: str, page: str
) -> None:
    browser = a_browser()
    sign_in(browser, nurse, secret)
    assert browser.get(page).status_code == 200
    later(nurse, timedelta(minutes=4), "confirmed_at")
    assert browser.get(page).status_code == 200
    later(nurse, timedelta(minutes=2), "confirmed_at")
    assert browser.get(page)["Location"] == AGAIN
    assert "Is it you?" in words(browser.get(AGAIN))
    key = browser.session.session_key
    assert browser.post(AGAIN, {"password": PASSWORD})["Location"] == page
    assert browser.get(page).status_code == 200
    assert browser.session.session_key != key


def test_what_was_posted_too_late_is_kept_and_sent_once_more(nurse: StaffMember, secret: str) -> None:
    browser = a_browser()
    sign_in(browser, nurse, secret)
    later(nurse, timedelta(minutes=6), "confirmed_at")
    assert browser.post(ADD_PASSKEY, {"name": "Red <phone>", "password1": "x"})["Location"] == AGAIN
    response = browser.post(AGAIN, {"code": code_of(secret, steps=1)})
    page = response.content.decode()
    assert "Nothing is lost" in words(response)
    assert '<input type="hidden" name="name" value="Red &lt;phone&gt;">' in page
    assert f'action="{ADD_PASSKEY}"' in page
    assert "password1" not in page


def test_once_more_works_with_a_passkey_and_not_with_what_is_wrong(nurse: StaffMember, newcomer: Client) -> None:
    passkey = SoftPasskey()
    give_passkey(newcomer, passkey)
    later(nurse, timedelta(minutes=6), "confirmed_at")
    refused = newcomer.post(AGAIN, {"password": "wrong"})
    assert refused.status_code == 422
    assert "This is not your password." in words(refused)
    assert newcomer.post(AGAIN, {"code": "000000"}).status_code == 422
    assert newcomer.get(CODES)["Location"] == AGAIN
    asked = options_of(newcomer.get(AGAIN))
    assert newcomer.post(AGAIN, {"credential": passkey.use(asked)})["Location"] == CODES
    assert newcomer.get(CODES).status_code == 200


def test_once_more_is_for_those_who_are_signed_in(client: Client, nurse: StaffMember) -> None:
    assert client.get(AGAIN)["Location"] == LOGIN
    assert LEFT not in client.session


def test_the_page_says_what_the_proof_is_for(nurse: StaffMember, secret: str) -> None:
    browser = a_browser()
    sign_in(browser, nurse, secret)
    later(nurse, timedelta(minutes=6), "confirmed_at")
    browser.post(ADD_PASSKEY, {"name": "Red phone"})
    assert "You want to add a passkey." in words(browser.get(AGAIN))
    assert "You wanted to add a passkey. Nothing is lost" in words(browser.post(AGAIN, {"password": PASSWORD}))


def test_what_was_posted_is_let_go_after_ten_minutes_and_the_way_back_is_not(nurse: StaffMember, secret: str) -> None:
    browser = a_browser()
    sign_in(browser, nurse, secret)
    later(nurse, timedelta(minutes=6), "confirmed_at")
    browser.post(ADD_PASSKEY, {"name": "Red phone"})
    session = browser.session
    session[ASKED_FOR] = {**session[ASKED_FOR], "until": session[ASKED_FOR]["until"] - HOLDS_FOR.total_seconds() - 1}
    session.save()
    browser.get("/staff/")
    assert "Red phone" not in str(dict(browser.session.items()))
    assert browser.post(AGAIN, {"password": PASSWORD})["Location"] == ADD_PASSKEY
