"""Opened words in Chromium: off the page at once when it is out of sight or left alone, and nothing typed is lost by it."""

from __future__ import annotations

import re
from dataclasses import replace
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from accounts.services import set_pin
from aftercare.tenancy import tenant
from journal.access import GATE
from journal.models import JournalEntry
from journal.revisions import Saving
from journal.services import keep_words, open_entry, remove_entry
from journal.words import Words
from tests.conftest import bind
from tests.journal.writing import PIN, another_patient, opened_phone, wrote
from tests.stack import wait_for
from tests.world import World

LINE = "A wide, slow river."
AT_THE_PIN = re.compile(r"/words/open/\?next=")
_SHOWN = """
(state) => {
  Object.defineProperty(document, "visibilityState", {value: state, configurable: true});
  document.dispatchEvent(new Event("visibilitychange"));
}
"""


@pytest.fixture
def entry(world: World) -> JournalEntry:
    with tenant(world.clinic.pk):
        return wrote(world.patient, LINE, at=timezone.now())


@pytest.fixture
def own(page: Page, server: str, world: World, entry: JournalEntry) -> Page:
    """The patient's phone on the list, opened by the PIN a moment ago."""
    sign_in(page, server, world)
    page.goto(f"{server}/words/read/")
    expect(page.get_by_text(LINE)).to_be_visible()
    return page


def sign_in(page: Page, server: str, world: World) -> Client:
    """Returns what knows the session of this browser."""
    phone = bind(Client(), world)
    with tenant(world.clinic.pk):
        opened_phone(phone, world)
    page.context.add_cookies([{"name": "sid", "value": phone.cookies["sid"].value, "url": server}])
    return phone


def hide(page: Page) -> None:
    """As when another app comes to the front."""
    with page.expect_request("**/words/lock/"):
        page.evaluate(_SHOWN, "hidden")


def test_what_is_out_of_sight_is_off_the_page_and_locked(own: Page, server: str) -> None:
    hide(own)
    assert LINE not in own.content()
    own.evaluate(_SHOWN, "visible")
    own.wait_for_url(AT_THE_PIN)
    own.goto(f"{server}/words/read/")
    expect(own).to_have_url(AT_THE_PIN)
    own.get_by_label("Your PIN").fill(PIN)
    own.get_by_role("button", name="Open it").click()
    expect(own.get_by_text(LINE)).to_be_visible()


def test_who_leaves_and_comes_back_by_the_back_button_is_asked_for_the_pin(
    page: Page, server: str, world: World, entry: JournalEntry
) -> None:
    phone = sign_in(page, server, world)
    page.goto(f"{server}/words/read/")
    page.goto(f"{server}/")
    assert wait_for(lambda: GATE not in phone.session, seconds=15)
    page.go_back()
    expect(page).to_have_url(AT_THE_PIN)
    assert LINE not in page.content()


def test_from_one_page_of_words_to_the_next_nothing_is_asked(own: Page, server: str) -> None:
    own.get_by_text(LINE).click()
    own.wait_for_url(re.compile(r"/words/read/[0-9a-f-]{36}/$"))
    expect(own.get_by_text(LINE)).to_be_visible()
    own.go_back()
    expect(own.get_by_text(LINE)).to_be_visible()
    own.reload()
    expect(own.get_by_text(LINE)).to_be_visible()


def test_words_left_alone_for_five_minutes_are_put_away(
    page: Page, server: str, world: World, entry: JournalEntry
) -> None:
    page.clock.install()
    sign_in(page, server, world)
    page.goto(f"{server}/words/read/")
    page.clock.run_for(4 * 60_000)
    page.keyboard.press("Shift")
    page.clock.run_for(4 * 60_000)
    expect(page.get_by_text(LINE)).to_be_visible()
    with page.expect_request("**/words/lock/"):
        page.clock.run_for(2 * 60_000)
    page.wait_for_url(AT_THE_PIN)


def test_what_is_typed_is_kept_when_the_page_is_locked(
    own: Page, server: str, world: World, entry: JournalEntry
) -> None:
    own.goto(f"{server}/words/read/{entry.pk}/change/")
    field = own.locator("textarea")
    field.press("End")
    field.type(" And a boat.")
    with own.expect_response(lambda answer: answer.url.endswith("/save/") and answer.ok):
        hide(own)
    assert "river" not in own.content() and own.locator("textarea").count() == 0
    with tenant(world.clinic.pk):
        opened = open_entry(world.patient, entry.pk, at=timezone.now())
    assert opened.words and opened.words.text == f"{LINE} And a boat."


def test_what_a_form_can_not_save_by_itself_waits_for_the_pin_on_its_own_page(own: Page, server: str) -> None:
    own.goto(f"{server}/words/page/")
    own.locator("[name=question]").fill("What does the river mean?")
    hide(own)
    assert "river" not in own.content()
    own.evaluate(_SHOWN, "visible")
    own.get_by_label("Your PIN").fill("111222")
    own.get_by_role("button", name="Open it").click()
    expect(own.get_by_role("alert")).to_contain_text("That is not your PIN.")
    own.get_by_label("Your PIN").fill(PIN)
    own.get_by_role("button", name="Open it").click()
    expect(own.locator("[name=question]")).to_have_value("What does the river mean?")


def test_the_pin_of_somebody_else_brings_back_nothing(own: Page, server: str, world: World) -> None:
    """The phone became another patient's while this page stood locked in a tab."""
    own.goto(f"{server}/words/page/")
    own.locator("[name=question]").fill("What does the river mean?")
    hide(own)
    with tenant(world.clinic.pk):
        other = another_patient(world)
        set_pin(other, "190284")
    theirs = bind(Client(), replace(world, patient=other))
    own.context.add_cookies([{"name": "sid", "value": theirs.cookies["sid"].value, "url": server}])
    own.evaluate(_SHOWN, "visible")
    own.get_by_label("Your PIN").fill("190284")
    own.get_by_role("button", name="Open it").click()
    expect(own.get_by_role("alert")).to_contain_text("It does not open now.")
    assert "river" not in own.content()


def test_a_page_to_write_on_that_is_left_locks_what_was_opened_before_it(own: Page, server: str) -> None:
    own.get_by_role("link", name="Write", exact=True).click()
    own.wait_for_url(f"{server}/words/")
    with own.expect_response("**/words/lock/"):
        hide(own)
    own.goto(f"{server}/words/read/")
    expect(own).to_have_url(AT_THE_PIN)


def test_a_change_of_what_is_gone_meanwhile_is_kept_as_a_text_of_its_own(
    own: Page, world: World, entry: JournalEntry
) -> None:
    own.get_by_text(LINE).click()
    own.get_by_role("link", name="Change it").click()
    own.locator("textarea").fill("Still a river.")
    with tenant(world.clinic.pk):
        remove_entry(world.patient, entry.pk, at=timezone.now())
    own.get_by_role("button", name="Keep this").click()
    expect(own.get_by_text("Still a river.")).to_be_visible()
    expect(own).to_have_url(re.compile(r"/words/read/[0-9a-f-]{36}/$"))


def test_a_text_that_two_pages_change_is_kept_twice_and_it_says_so(
    own: Page, world: World, entry: JournalEntry
) -> None:
    own.get_by_text(LINE).click()
    own.get_by_role("link", name="Change it").click()
    own.locator("textarea").fill("My own change.")
    with tenant(world.clinic.pk):
        saving = Saving(writer=uuid4(), number=1, seen=entry.revision)
        keep_words(world.patient, entry_id=entry.pk, words=Words("Another page's."), saving=saving, at=timezone.now())
    own.get_by_role("button", name="Keep this").click()
    expect(own.get_by_text("Both are kept.")).to_be_visible()
    expect(own.get_by_text("My own change.")).to_be_visible()


def test_without_scripts_a_button_locks(browser: Browser, server: str, world: World, entry: JournalEntry) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    sign_in(page, server, world)
    page.goto(f"{server}/words/read/")
    expect(page.get_by_text(LINE)).to_be_visible()
    page.get_by_role("button", name="Lock it now").click()
    page.wait_for_url(re.compile(r"/words/$"))
    page.go_back()
    expect(page).to_have_url(AT_THE_PIN)
    context.close()
