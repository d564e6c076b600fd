"""A red flag from a phone: on the nurse's board within seconds; and with no network, what to do all the same."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.journeys.test_main_job import DESK, PHONE, be
from tests.stack import Stack, wait_for

RED = "Chest pain, or hard to breathe"


# The worker is in charge, and all that it keeps is there.
IS_KEPT = """async () => {
  const kept = await caches.open("kept-1");
  const wanted = ["/", "/help/", "/check-in/", "/offline/4/"];
  const there = await Promise.all(wanted.map((path) => kept.match(path)));
  const state = (await navigator.serviceWorker.getRegistration())?.active?.state;
  return navigator.serviceWorker.controller !== null && state === "activated" && there.every(Boolean);
}"""


@pytest.fixture
def phone(browser: Browser, stack: Stack) -> Iterator[BrowserContext]:
    """The bound phone of somebody at hour 5, with all that it keeps."""
    context = browser.new_context(base_url=stack.url, **PHONE)  # type: ignore[arg-type]
    context.set_default_timeout(30_000)
    be(context.new_page(), "hour_5")
    yield context
    context.close()


def ready(page: Page) -> None:
    """The page and the worker that keeps it are there: what is to be kept was kept."""
    for _ in range(3):
        # Each visit of the day asks the worker to keep all that is missing.
        page.goto("/")
        if wait_for(lambda: page.evaluate(IS_KEPT), seconds=20):
            return
    pytest.fail("The phone has not kept its pages within a minute.")


@pytest.fixture
def board(browser: Browser, stack: Stack) -> Iterator[Page]:
    """A nurse's alert board, left open."""
    context = browser.new_context(base_url=stack.url, **DESK)  # type: ignore[arg-type]
    context.set_default_timeout(30_000)
    page = context.new_page()
    be(page, "nurse")
    page.goto("/staff/alerts/")
    yield page
    context.close()


def test_a_red_flag_is_on_an_open_board_within_ten_seconds_and_comes_back_as_seen(
    phone: BrowserContext, board: Page
) -> None:
    page, waiting = phone.pages[0], board.locator("article.alert", has_text="Chest pain")
    before = waiting.count()
    page.goto("/check-in/")
    page.get_by_role("button", name=RED).click()
    page.wait_for_url("**/now/")
    tapped_at = time.monotonic()
    expect(waiting).to_have_count(before + 1, timeout=15_000)
    assert time.monotonic() - tapped_at < 10.5  # the board asks each 10 s
    expect(page.get_by_role("heading", name="Call 911 now")).to_be_visible()
    expect(page.get_by_role("link", name="Call 911").first).to_have_attribute("href", "tel:911")
    waiting.last.get_by_role("button", name="Take it").click()
    expect(page.get_by_text("Dana Reyes, RN saw it at")).to_be_visible(timeout=20_000)


def test_offline_a_red_flag_goes_straight_to_what_to_do_and_reaches_the_clinic_later(
    phone: BrowserContext, stack: Stack
) -> None:
    page = phone.pages[0]
    ready(page)
    page.reload()
    page.goto("/check-in/")
    phone.set_offline(True)
    page.get_by_role("button", name=RED).click()
    page.wait_for_url("**/offline/4/")
    expect(page.get_by_text("Your answer has not reached the clinic")).to_be_visible()
    expect(page.get_by_role("link", name="Call 911").first).to_have_attribute("href", "tel:911")
    page.goto("/")  # the day is kept as well
    expect(page.get_by_role("heading", level=1).first).to_be_visible()
    phone.set_offline(False)
    page.goto("/")
    page.wait_for_url("**/now/")  # it was sent by itself, and what to do is shown once more
    expect(page.get_by_role("heading", name="Call 911 now")).to_be_visible()


def test_offline_a_calm_answer_is_kept_and_says_that_the_clinic_does_not_have_it(
    phone: BrowserContext, stack: Stack
) -> None:
    page = phone.pages[0]
    ready(page)
    page.goto("/check-in/")
    phone.set_offline(True)
    page.get_by_role("button", name="None of these").click()
    expect(page.get_by_text("Your answer is on this phone, and not with the clinic")).to_be_visible()
    phone.set_offline(False)
    page.evaluate("window.dispatchEvent(new Event('online'))")
    page.wait_for_url("**/q/**")


def test_with_no_network_any_page_leads_to_help(phone: BrowserContext, stack: Stack) -> None:
    page = phone.pages[0]
    ready(page)
    phone.set_offline(True)
    page.goto("/messages/")
    expect(page.get_by_role("heading", name="Get help now").first).to_be_visible()
    expect(page.get_by_role("link", name="Call 911").first).to_be_visible()
    phone.set_offline(False)


def test_a_phone_that_was_signed_out_keeps_nothing_of_the_day(phone: BrowserContext, stack: Stack) -> None:
    page = phone.pages[0]
    ready(page)
    page.goto("/check-in/")
    phone.set_offline(True)
    page.get_by_role("button", name="None of these").click()
    expect(page.get_by_text("Your answer is on this phone, and not with the clinic")).to_be_visible()
    phone.set_offline(False)
    # Sending stays out of it: the answer is still unsent when they sign out.
    page.route("**/check-in/", lambda route: route.abort() if route.request.method == "POST" else route.continue_())
    page.goto("/phone-and-pin/sign-out/")
    expect(page.get_by_text("Some answers have not reached the clinic.")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/welcome/")
    kept = """async () => (await (await caches.open('kept-1')).keys()).map((each) => new URL(each.url).pathname)
        .filter((path) => !path.startsWith('/static/'))"""
    assert set(page.evaluate(kept)) == {"/help/", "/breathe/"}  # nothing of a person stands on these
    assert page.evaluate("async () => (await indexedDB.databases()).map((each) => each.name)") == []


def test_an_old_phone_without_a_store_of_pages_or_keys_still_says_what_to_do(
    phone: BrowserContext, stack: Stack
) -> None:
    page = phone.pages[0]
    page.add_init_script("delete Crypto.prototype.randomUUID; delete window.caches;")
    page.goto("/check-in/")
    phone.set_offline(True)
    page.get_by_role("button", name=RED).click()
    expect(page.get_by_text("Your answer is on this phone, and not with the clinic")).to_be_visible()
    phone.set_offline(False)
    page.evaluate("window.dispatchEvent(new Event('online'))")
    page.wait_for_url("**/now/")


def test_what_the_server_could_not_take_is_sent_later_and_counts_once(
    phone: BrowserContext, board: Page, stack: Stack
) -> None:
    page, waiting = phone.pages[0], board.locator("article.alert", has_text="Chest pain")
    before = waiting.count()
    page.goto("/check-in/")
    page.route(
        "**/check-in/", lambda route: route.fulfill(status=503) if route.request.method == "POST" else route.continue_()
    )
    page.get_by_role("button", name=RED).click()
    page.wait_for_timeout(1000)
    page.unroute("**/check-in/")
    page.goto("/")
    page.wait_for_url("**/now/")
    expect(waiting).to_have_count(before + 1, timeout=15_000)
