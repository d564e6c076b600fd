"""Writing on a real phone: it saves by itself; no network, a killed tab, an ended session: every letter is there once."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Literal
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Route, expect

from aftercare.processes import ROOT
from tests.journeys.test_main_job import PHONE, be
from tests.stack import Stack, clean_env, wait_for

SAVE = "**/words/save/"
# Opens what is stored, as the patient would with the PIN.
READ = """
import json, sys, django
django.setup()
from django.utils import timezone
from aftercare.tenancy import tenant
from clinic.demo import CEDAR
from accounts.models import Patient
from journal.services import open_entries
with tenant(CEDAR):
    found = [each.words for one in Patient.objects.all() for each in open_entries(one, at=timezone.now())]
print(json.dumps([[each.text, each.prompt, each.feelings] for each in found if each and sys.argv[1] in each.text]))
"""
# The worker is in charge, and the page to write on is there without a network.
IS_KEPT = """async () => navigator.serviceWorker.controller !== null
    && Boolean(await (await caches.open("kept-1")).match("/words/"))"""


@pytest.fixture
def phone(browser: Browser, stack: Stack) -> Iterator[BrowserContext]:
    """The bound phone of somebody at hour 5."""
    yield from _phone(browser, stack, worker="allow")


@pytest.fixture
def caught(browser: Browser, stack: Stack) -> Iterator[BrowserContext]:
    """The same without a worker: what its pages send can be held up on the way, whoever is in charge of them."""
    yield from _phone(browser, stack, worker="block")


def _phone(browser: Browser, stack: Stack, *, worker: Literal["allow", "block"]) -> Iterator[BrowserContext]:
    context = browser.new_context(base_url=stack.url, service_workers=worker, **PHONE)  # type: ignore[arg-type]
    context.set_default_timeout(30_000)
    be(context.new_page(), "hour_5")
    yield context
    context.close()


def texts(stack: Stack, mark: str) -> list[str]:
    """All stored texts that hold `mark`, of every patient of the demo."""
    env = clean_env(**stack.env, DJANGO_SETTINGS_MODULE="aftercare.settings")
    told = subprocess.run(
        [sys.executable, "-c", READ, mark], cwd=ROOT, env=env, capture_output=True, text=True, check=True
    )
    return [text for text, _, _ in json.loads(told.stdout)]


def field(page: Page) -> Locator:
    return page.get_by_label("Your words")


def status(page: Page) -> Locator:
    return page.locator("[data-status]")


def write(page: Page, words: str) -> None:
    """Types at the end, key by key."""
    field(page).focus()
    page.keyboard.press("Control+End")
    page.keyboard.type(words)


def opened(phone: BrowserContext) -> Page:
    page = phone.new_page()
    page.goto("/words/")
    return page


def kept_for_offline(phone: BrowserContext) -> None:
    page = phone.pages[0]
    for _ in range(3):
        page.goto("/")
        if wait_for(lambda: page.evaluate(IS_KEPT), seconds=20):
            return
    pytest.fail("The phone has not kept the page to write on within a minute.")


UNHEARD = """for (const name of ["pagehide", "visibilitychange"])
    addEventListener(name, (event) => event.stopImmediatePropagation(), true);"""


def crash(page: Page) -> None:
    """The tab is gone from one moment to the next: it gets no word of it."""
    page.evaluate(UNHEARD)
    page.close()


def test_one_tap_opens_the_field_and_it_saves_by_itself_without_touching_it(
    caught: BrowserContext, stack: Stack
) -> None:
    page, mark = caught.pages[0], uuid4().hex
    page.goto("/")
    page.get_by_role("link", name="Journal", exact=True).click()
    held: list[Route] = []
    page.route(SAVE, lambda route: held.append(route))  # noqa: PLW0108  Playwright marks what it is given
    write(page, f"{mark} Blue light through leaves.")
    assert wait_for(lambda: page.evaluate("1") and len(held) > 0, seconds=15)
    # While it is on its way, somebody goes back and types in the middle.
    field(page).evaluate("(node) => node.setSelectionRange(3, 3)")
    page.keyboard.type("---")
    held[0].continue_()
    expect(status(page)).to_contain_text("Saved")
    whole = f"{mark[:3]}---{mark[3:]} Blue light through leaves."
    expect(field(page)).to_have_value(whole)
    assert field(page).evaluate("(node) => [node.selectionStart, document.activeElement === node]") == [6, True]
    page.unroute(SAVE)
    for route in held[1:]:
        route.continue_()
    page.get_by_role("button", name="Keep this").click()
    expect(page.get_by_text("It is kept.")).to_be_visible()
    expect(field(page)).to_have_value("")
    assert texts(stack, mark[3:]) == [whole]


def test_through_a_crash_no_network_and_an_ended_session_every_letter_is_there_once(
    phone: BrowserContext, stack: Stack
) -> None:
    kept_for_offline(phone)
    mark, page = uuid4().hex, opened(phone)
    write(page, f"{mark} First, online. שלום 🌿")
    expect(status(page)).to_contain_text("Saved")
    write(page, " Second, and then the tab dies.")
    page.wait_for_timeout(900)  # what is not saved yet is on the phone by now
    crash(page)
    phone.set_offline(True)
    page = opened(phone)
    so_far = f"{mark} First, online. שלום 🌿 Second, and then the tab dies."
    expect(field(page)).to_have_value(so_far)
    write(page, " Third, offline.")
    expect(status(page)).to_have_text("Kept on this phone. It goes when you are online.")
    phone.clear_cookies(name="sid")
    phone.set_offline(False)
    page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(status(page)).to_have_text("Kept on this phone. Sign in, and it goes.")
    write(page, " Fourth, signed out.")
    page.wait_for_timeout(900)
    page.close()
    be(phone.pages[0], "hour_5")
    page = opened(phone)
    whole = f"{so_far} Third, offline. Fourth, signed out."
    expect(field(page)).to_have_value(whole)
    expect(status(page)).to_contain_text("Saved")
    assert texts(stack, mark) == [whole]
    # It is with the clinic's server now, behind the PIN: nothing of it comes back.
    page.close()
    page = opened(phone)
    page.wait_for_timeout(1000)
    expect(field(page)).to_have_value("")


def test_two_tabs_keep_both_texts(phone: BrowserContext, stack: Stack) -> None:
    mark = uuid4().hex
    one, two = opened(phone), opened(phone)
    write(one, f"{mark} one")
    write(two, f"{mark} two")
    write(one, ", more")
    for page in (one, two):
        page.bring_to_front()
        expect(status(page)).to_contain_text("Saved")
    assert sorted(texts(stack, mark)) == [f"{mark} one, more", f"{mark} two"]


def test_what_two_tabs_left_behind_comes_back_and_goes(phone: BrowserContext, stack: Stack) -> None:
    kept_for_offline(phone)
    mark, one, two = uuid4().hex, opened(phone), opened(phone)
    phone.set_offline(True)
    for page, words in ((one, "one"), (two, "two")):
        write(page, f"{mark} {words}")
        expect(status(page)).to_contain_text("Kept on this phone")
    for page in (one, two):
        crash(page)
    phone.set_offline(False)
    page = opened(phone)
    expect(field(page)).to_have_value(f"{mark} two")
    expect(status(page)).to_contain_text("Saved")
    assert wait_for(lambda: sorted(texts(stack, mark)) == [f"{mark} one", f"{mark} two"], seconds=20)


def test_what_the_server_can_not_take_now_stays_on_the_phone_and_goes_later(
    caught: BrowserContext, stack: Stack
) -> None:
    mark, page = uuid4().hex, opened(caught)
    page.route(SAVE, lambda route: route.fulfill(status=503))
    write(page, f"{mark} a busy minute")
    expect(status(page)).to_have_text("Kept on this phone. We try again soon.")
    page.get_by_role("button", name="Keep this").click()
    page.wait_for_timeout(500)
    expect(field(page)).to_have_value(f"{mark} a busy minute")
    page.unroute(SAVE)
    page.get_by_role("button", name="Keep this").click()
    expect(page.get_by_text("It is kept.")).to_be_visible()
    assert texts(stack, mark) == [f"{mark} a busy minute"]


def test_a_blank_page_says_what_to_do(phone: BrowserContext, stack: Stack) -> None:
    page = opened(phone)
    page.get_by_role("button", name="Keep this").click()
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()
    write(page, "x")
    expect(status(page)).to_contain_text("Saved")


def test_a_page_with_an_old_token_saves_all_the_same(phone: BrowserContext, stack: Stack) -> None:
    mark, page = uuid4().hex, opened(phone)
    phone.clear_cookies(name="csrf")
    write(page, f"{mark} open since yesterday")
    expect(status(page)).to_contain_text("Saved")
    assert texts(stack, mark) == [f"{mark} open since yesterday"]


def test_nobody_else_on_this_phone_sees_or_sends_a_draft_and_their_sign_out_leaves_it(
    caught: BrowserContext, stack: Stack
) -> None:
    mark, page, first = uuid4().hex, opened(caught), caught.pages[0]
    page.route(SAVE, lambda route: route.abort())
    write(page, f"{mark} for nobody else")
    expect(status(page)).to_contain_text("Kept on this phone")
    be(first, "hour_20")
    # The page of the one before is still open: what is typed there does not go into this one's journal.
    page.unroute(SAVE)
    write(page, ", still open")
    expect(status(page)).to_have_text("Kept on this phone. Sign in, and it goes.")
    page.close()
    page = opened(caught)
    page.wait_for_timeout(1500)
    expect(field(page)).to_have_value("")
    assert texts(stack, mark) == []
    page.goto("/phone-and-pin/sign-out/")
    expect(page.get_by_text("Some words of yours are on this phone only")).to_be_hidden()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/welcome/")
    be(page, "hour_5")
    page.goto("/words/")
    expect(field(page)).to_have_value(f"{mark} for nobody else, still open")
    expect(status(page)).to_contain_text("Saved")


def test_signing_out_says_that_words_are_lost_and_then_takes_them(caught: BrowserContext, stack: Stack) -> None:
    page = opened(caught)
    page.route(SAVE, lambda route: route.abort())
    write(page, "only here")
    expect(status(page)).to_contain_text("Kept on this phone")
    page.goto("/phone-and-pin/sign-out/")
    expect(page.get_by_text("Some words of yours are on this phone only")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/welcome/")
    assert page.evaluate("async () => (await indexedDB.databases()).map((each) => each.name)") == []


def test_without_scripts_a_text_is_kept_and_another_question_loses_nothing(browser: Browser, stack: Stack) -> None:
    context = browser.new_context(base_url=stack.url, java_script_enabled=False, **PHONE)  # type: ignore[arg-type]
    context.set_default_timeout(30_000)
    page, mark = context.new_page(), uuid4().hex
    be(page, "hour_20")
    page.goto("/words/")
    field(page).fill(f"{mark} by hand")
    page.get_by_label("Tired").check()
    page.get_by_role("button", name="Another question").click()
    expect(field(page)).to_have_value(f"{mark} by hand")
    page.get_by_role("button", name="No question").click()
    expect(page.get_by_role("button", name="Give me a question")).to_be_visible()
    page.get_by_role("button", name="Keep this").click()
    expect(page.get_by_text("It is kept.")).to_be_visible()
    assert texts(stack, mark) == [f"{mark} by hand"]
    context.close()
