"""A page that was open for too long costs one tap, in a real browser: with and without JavaScript, for patients and staff."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.journeys.test_main_job import DESK, PHONE, be
from tests.stack import Stack

Open = Callable[..., Page]


@pytest.fixture(params=[True, False], ids=["with-js", "without-js"])
def open_page(request: pytest.FixtureRequest, browser: Browser, stack: Stack) -> Iterator[Open]:
    contexts: list[BrowserContext] = []

    def make(screen: dict[str, object]) -> Page:
        context = browser.new_context(base_url=stack.url, java_script_enabled=request.param, **screen)  # type: ignore[arg-type]
        context.set_default_timeout(10_000)
        contexts.append(context)
        return context.new_page()

    yield make
    for context in contexts:
        context.close()


def test_a_small_step_whose_page_waited_too_long_is_sent_again_with_one_tap(open_page: Open) -> None:
    page = open_page(PHONE)
    be(page, "hour_20")
    page.context.clear_cookies(name="csrf")
    page.locator("#step").get_by_role("button", name="Not now").click()
    expect(page.get_by_role("heading", name="This page waited too long")).to_be_visible()
    page.get_by_role("button", name="Send it again").click()
    expect(page.locator("#step").get_by_role("button", name="Undo")).to_be_visible()
    page.locator("#step").get_by_role("button", name="Undo").click()
    expect(page.locator("#step").get_by_role("button", name="Not now")).to_be_visible()


def test_staff_who_were_signed_out_while_they_typed_lose_nothing(open_page: Open) -> None:
    page = open_page(DESK)
    be(page, "front_desk")
    page.goto("/staff/patients/add/")
    page.get_by_label("First name").fill("Zoë & “Co” <b>")
    page.context.clear_cookies(name="sid")
    page.get_by_role("button", name="Save the patient and the visit").click()
    expect(page.get_by_role("heading", name="You were signed out")).to_be_visible()
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Sign in (opens a new tab)").click()
    be(opened.value, "front_desk")
    # The sign-in made a new token: the first tap shows the page once more, the second one sends.
    for _ in range(2):
        page.get_by_role("button", name="Send it again").click()
    expect(page.get_by_label("First name")).to_have_value("Zoë & “Co” <b>")


def test_another_sites_form_is_not_shown_and_not_sent(open_page: Open, stack: Stack) -> None:
    page = open_page(PHONE)
    be(page, "hour_20")
    form = (
        f'<form method="post" action="{stack.url}/messages/texts/"><button name="texts" value="off">Win</button></form>'
    )
    page.route("http://evil.example/", lambda route: route.fulfill(body=form, content_type="text/html"))
    page.goto("http://evil.example/")
    page.get_by_role("button", name="Win").click()
    expect(page.get_by_role("heading", name="This page is not for you to open")).to_be_visible()
    expect(page.get_by_role("button", name="Send it again")).to_have_count(0)
