"""What the clinic does at each level in its own words, and where each of its staff is reached."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from accounts.models import Clinic, StaffMember
from accounts.states import Role
from tests.clinic.doors import AGAIN, a_browser, later, sign_in
from tests.clinic.pages import title, words
from tests.conftest import StaffClient
from tests.world import World, acts

pytestmark = pytest.mark.django_db
Staff = Callable[..., StaffClient]
PAGE, PHONE = "/staff/procedures/", "/staff/me/phone/"
WORDS = {
    "emergency": "Call 911 first.",
    "crisis": "Stay on the line.",
    "urgent": "Call.\nThen the physician.",
    "call_today": "",
}


def written(world: World) -> dict[str, str]:
    found: dict[str, str] = Clinic.objects.get(pk=world.clinic.pk).procedures
    return found


def seen(response: Any) -> str:
    match = re.search(r'name="seen" value="(\d+)"', response.content.decode())
    assert match
    return match[1]


@pytest.mark.parametrize("role", [Role.CLINICIAN, Role.MANAGER])
def test_who_plans_writes_what_staff_do(world: World, staff: Staff, role: Role) -> None:
    browser = staff(role)
    response = browser.post(PAGE, {**WORDS, "seen": 0}, follow=True)
    assert "It stands on each alert of that level." in words(response)
    assert written(world) == {level: text for level, text in WORDS.items() if text}
    assert "Then the physician.</textarea>" in browser.get(PAGE).content.decode()


@pytest.mark.parametrize("role", [Role.NURSE, Role.FRONT_DESK])
def test_others_do_not_write_it(world: World, staff: Staff, role: Role) -> None:
    browser = staff(role)
    assert browser.get(PAGE).status_code == 403
    assert browser.post(PAGE, {**WORDS, "seen": 0}).status_code == 403
    assert written(world) == {}


@pytest.mark.parametrize(
    ("text", "said"), [("x" * 1001, "Make it shorter: 1000 characters at most."), ("a\u202eb", "can't be shown")]
)
def test_what_is_wrong_is_told_and_nothing_typed_is_lost(world: World, staff: Staff, text: str, said: str) -> None:
    response = staff(Role.MANAGER).post(PAGE, {**WORDS, "crisis": text, "seen": 0})
    assert (response.status_code, title(response)) == (422, "Error: Procedures")
    assert said in words(response)
    assert "Call 911 first.</textarea>" in response.content.decode()
    assert written(world) == {}


def test_1000_characters_fit_and_the_end_of_a_line_counts_one(world: World, staff: Staff) -> None:
    assert staff(Role.MANAGER).post(PAGE, {**WORDS, "urgent": "a\r\n" * 499 + "ab", "seen": 0}).status_code == 303
    assert len(written(world)["urgent"]) == 1000


def test_a_second_tap_is_the_first_and_somebody_elses_newer_words_are_told(world: World, staff: Staff) -> None:
    browser, other = staff(Role.MANAGER), staff(Role.CLINICIAN)
    assert [browser.post(PAGE, {**WORDS, "seen": 0}).status_code for _ in range(2)] == [303, 303]
    assert acts().filter(action="procedures_set").count() == 1
    response = other.post(PAGE, {**WORDS, "urgent": "Mine.", "seen": 0})
    text = words(response)
    assert (response.status_code, title(response)) == (409, "Error: Procedures")
    assert "Sam Lindqvist changed this meanwhile. That was at" in text and "Call. Then the physician." in text
    assert "Mine.</textarea>" in response.content.decode()
    assert other.post(PAGE, {**WORDS, "urgent": "Mine.", "seen": seen(response)}).status_code == 303
    assert written(world)["urgent"] == "Mine."


# One's own number.


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("typed", ["212-555-0177", "+1 (212) 555 0177", " 2125550177 "])
def test_each_saves_their_own_number(world: World, staff: Staff, role: Role, typed: str) -> None:
    browser = staff(role)
    response = browser.post(PHONE, {"phone": typed}, follow=True)
    assert "Your number is saved." in words(response)
    assert StaffMember.objects.get(pk=browser.member.pk).phone == "+12125550177"
    assert StaffMember.objects.exclude(phone="").count() == 1
    assert acts().get().facts == {"has_phone": True}


@pytest.mark.parametrize("typed", ["12", "9" * 33, "abc", "212-555-0177 x12"])
def test_what_is_no_number_is_told_and_kept(world: World, staff: Staff, typed: str) -> None:
    browser = staff()
    response = browser.post(PHONE, {"phone": typed})
    assert (response.status_code, title(response)) == (422, "Error: My number")
    assert f'value="{typed}"' in response.content.decode()
    assert StaffMember.objects.get(pk=browser.member.pk).phone == ""


def test_an_empty_number_means_none_and_says_so(world: World, staff: Staff) -> None:
    browser = staff()
    browser.post(PHONE, {"phone": "212-555-0177"})
    assert "No alert comes to you." in words(browser.post(PHONE, {"phone": ""}, follow=True))
    assert StaffMember.objects.get(pk=browser.member.pk).phone == ""


def test_a_look_shows_the_number_and_my_account_links_to_it(world: World, staff: Staff) -> None:
    browser = staff()
    assert "No number for alerts" in words(browser.get("/staff/me/"))
    browser.post(PHONE, {"phone": "212-555-0177"})
    assert 'value="212-555-0177"' in browser.get(PHONE).content.decode()
    assert "Alerts reach you by phone" in words(browser.get("/staff/me/"))


def test_it_is_changed_only_by_who_proved_lately_who_they_are(nurse: StaffMember, secret: str) -> None:
    browser = a_browser()
    sign_in(browser, nurse, secret)
    later(nurse, timedelta(minutes=6), "confirmed_at")
    response = browser.post(PHONE, {"phone": "212-555-0177"})
    assert (response.status_code, response["Location"]) == (302, AGAIN)
    assert StaffMember.objects.get(pk=nurse.pk).phone == ""
