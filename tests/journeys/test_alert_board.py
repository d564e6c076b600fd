"""An open board in a real browser: it shows what is new by itself, never looks fresher than it is, and is quiet until asked."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.look.session import become
from tests.stack import Stack

# Counts what would be heard: each beep is two tones.
LISTEN = """
window.tones = 0;
const start = OscillatorNode.prototype.start;
OscillatorNode.prototype.start = function (...when) { window.tones += 1; return start.apply(this, when); };
"""
# Both clocks of the page, its own and that of its style sheet: what takes half a minute takes no longer than the answers.
STYLES_PASS = "(ms) => document.getAnimations().forEach((each) => { each.currentTime += ms; })"
Open = Callable[..., Page]


@pytest.fixture
def staff_page(browser: Browser, stack: Stack) -> Iterator[Open]:
    """staff_page("nurse"): a browser of its own in which this person of the demo is signed in. The demo begins anew."""
    contexts: list[BrowserContext] = []

    def make(who: str, **options: Any) -> Page:
        context = browser.new_context(base_url=stack.url, viewport={"width": 1280, "height": 800}, **options)
        context.set_default_timeout(10_000)
        context.add_init_script(LISTEN)
        contexts.append(context)
        page = context.new_page()
        if len(contexts) == 1:
            begin_anew(page)
        become(page, who)
        return page

    yield make
    begin_anew(contexts[0].new_page())
    for context in contexts:
        context.close()


def begin_anew(page: Page) -> None:
    page.goto("/start/")
    with page.expect_navigation(timeout=60_000):
        page.locator("form[action='/start/over/'] button").click(timeout=60_000)


def tones(page: Page) -> int:
    return int(page.evaluate("window.tones"))


def hand_back(page: Page, name: str) -> None:
    """Somebody's alert waits for anybody again, as when a new one comes."""
    page.goto("/staff/alerts/")
    page.locator("#main").get_by_role("link", name=name, exact=True).first.click()
    page.get_by_role("button", name="Hand it back").click()
    expect(page.get_by_text("You handed it back.")).to_be_visible()


def test_a_new_alert_comes_to_an_open_board_within_ten_seconds_and_beeps_only_where_it_was_asked_to(
    staff_page: Open,
) -> None:
    quiet, loud, manager = staff_page("nurse"), staff_page("nurse"), staff_page("manager")
    for page in (quiet, loud):
        page.goto("/staff/alerts/")
        expect(page.locator("#sound-state")).to_have_text("Sound is off. A new alert makes no noise here.")
        assert tones(page) == 0
    loud.get_by_role("button", name="Test the sound").click()
    expect(loud.locator("#sound-state")).to_contain_text("Sound is on.")
    assert tones(loud) == 2
    hand_back(manager, "Ines Duarte")
    began = time.monotonic()
    for page in (quiet, loud):
        expect(page.get_by_role("heading", name="Nobody has these yet 2")).to_be_visible(timeout=12_000)
    assert time.monotonic() - began < 12
    expect(loud.locator("#live")).to_have_text("New alert: Ines Duarte")
    assert (tones(quiet), tones(loud)) == (0, 4)
    loud.get_by_role("button", name="Turn it off").click()
    expect(loud.locator("#sound-state")).to_have_text("Sound is off. A new alert makes no noise here.")


def test_a_board_that_gets_no_answer_says_so_after_half_a_minute_and_never_that_nothing_waits(
    staff_page: Open,
) -> None:
    page = staff_page("other_nurse")
    page.clock.install()
    page.goto("/staff/alerts/")
    empty, stale = page.get_by_text("No alerts wait"), page.get_by_text("Not up to date since")
    expect(page.get_by_text(re.compile(r"Checked \d s ago\."))).to_be_visible()
    expect(empty).to_be_visible()
    for _ in range(4):
        with page.expect_response("**/staff/alerts/**"):
            pass_time(page, 8.5)
    assert empty.is_visible() and not stale.is_visible(), "answers with nothing new keep it fresh"
    page.route("**/staff/alerts/**", lambda route: route.abort())
    pass_time(page, 31)
    expect(stale).to_be_visible()
    expect(empty).to_be_hidden()
    expect(page.locator("[data-age]")).to_have_class(re.compile("is-old"))
    expect(page.locator("#live")).to_contain_text("This page is not up to date.")
    page.unroute("**/staff/alerts/**")
    pass_time(page, 8.5)
    expect(stale).to_be_hidden()
    expect(empty).to_be_visible()


def pass_time(page: Page, seconds: float) -> None:
    """What is asked when its time comes is answered after all of it."""
    page.evaluate(STYLES_PASS, seconds * 1000)
    page.clock.run_for(int(seconds * 1000))


def test_without_javascript_an_alert_is_taken_called_and_closed(staff_page: Open) -> None:
    page = staff_page("nurse", java_script_enabled=False)
    page.goto("/staff/")
    page.get_by_role("button", name=re.compile("Take it.*Grace Adeyemi")).click()
    expect(page.get_by_text("You have it.")).to_be_visible()
    page.get_by_label("Within 15 min").check()
    page.get_by_role("button", name="Promise it").click()
    expect(page.get_by_text("Call promised by").first).to_be_visible()
    page.get_by_label("Reached the patient").check()
    page.get_by_label("What was said").fill("The headache is easing.")
    page.get_by_role("button", name="Write it down").click()
    expect(page.get_by_text("The headache is easing.")).to_be_visible()
    page.get_by_role("heading", name="Close the alert").click()
    page.get_by_label("Safe at home").check()
    page.get_by_label("What was done").fill("Jo stays with her.")
    page.get_by_label("Does not apply").check()
    page.get_by_role("button", name="Close it").click()
    expect(page.get_by_text("The alert is closed.")).to_be_visible()
    page.goto("/staff/alerts/")
    expect(page.get_by_text("No alerts wait")).to_be_visible()
