"""The breathing page in a real browser: nothing moves, sounds or keeps the screen awake before a tap, or after the next one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.conftest import bind
from tests.stack import wait_for
from tests.world import World

Open = Callable[..., Page]

# What the page asks of the phone, written down: nothing of the page's own is replaced.
NOTES = """
  window.asked = {locks: 0, held: 0, tones: 0};
  Object.defineProperty(Navigator.prototype, "wakeLock", {value: {request: async () => {
    window.asked.locks++; window.asked.held++;
    return {release: async () => { window.asked.held--; }};
  }}});
  const make = AudioContext.prototype.createOscillator;
  AudioContext.prototype.createOscillator = function () { window.asked.tones++; return make.call(this); };
  window.look = (state) => {
    Object.defineProperty(document, "visibilityState", {value: state, configurable: true});
    document.dispatchEvent(new Event("visibilitychange"));
  };
"""
MOVES = "document.querySelector('.breath__circle').getAnimations().length"
KEPT = """async () => {
  const kept = await (await caches.open("kept-1")).match("/breathe/");
  return navigator.serviceWorker.controller !== null && Boolean(kept);
}"""


@pytest.fixture
def open_page(browser: Browser, server: str, world: World) -> Iterator[Open]:
    """open_page(**what the phone is like): the breathing page of somebody who is not known."""
    contexts: list[BrowserContext] = []

    def make(**phone: Any) -> Page:
        context = browser.new_context(base_url=server, viewport={"width": 390, "height": 844}, **phone)
        context.set_default_timeout(20_000)
        contexts.append(context)
        page = context.new_page()
        page.add_init_script(NOTES)
        page.clock.install(time=0)
        page.goto("/breathe/")
        page.clock.pause_at(600)  # from here on it moves where a test moves it
        return page

    yield make
    for context in contexts:
        context.close()


def button(page: Page) -> Any:
    return page.locator("#go summary")


def begin(page: Page) -> None:
    """A tap, and the first word: the page hears of the tap a moment after the tap is over."""
    button(page).click()
    expect(page.get_by_role("timer").get_by_text("In", exact=True).last).to_be_visible()


def asked(page: Page, what: str) -> int:
    return int(page.evaluate("(what) => window.asked[what]", what))


def test_it_starts_on_a_tap_alone_and_counts_in_for_four_and_out_for_six(open_page: Open) -> None:
    page = open_page()
    page.clock.run_for(5_000)
    assert asked(page, "locks") == asked(page, "tones") == page.evaluate(MOVES) == 0
    begin(page)
    timer = page.get_by_role("timer")
    assert page.evaluate(MOVES) == 1
    heard = []
    for _ in range(11):
        heard.append(timer.locator(".breath__now").inner_text().split())
        page.clock.run_for(1_000)
    assert heard == [["In", str(n)] for n in range(1, 5)] + [["Out", str(n)] for n in range(1, 7)] + [["In", "1"]]
    expect(button(page)).to_have_text("StartStop")  # one of the two is shown
    expect(button(page).get_by_text("Stop")).to_be_visible()


def test_it_ends_softly_after_the_minutes_that_were_picked(open_page: Open) -> None:
    page = open_page()
    page.get_by_label("2 min").check(force=True)
    begin(page)
    page.clock.run_for(119_000)
    expect(button(page).get_by_text("Stop")).to_be_visible()
    page.clock.run_for(1_500)
    expect(page.get_by_role("status").get_by_text("Stay as long as you like.")).to_be_visible()
    expect(button(page).get_by_text("Start")).to_be_visible()
    assert asked(page, "held") == page.evaluate(MOVES) == 0


def test_without_an_end_it_goes_on(open_page: Open) -> None:
    page = open_page()
    page.get_by_label("No end").check(force=True)
    begin(page)
    page.clock.fast_forward(3_600_000)
    expect(button(page).get_by_text("Stop")).to_be_visible()


def test_the_screen_stays_awake_while_it_runs_and_is_looked_at(open_page: Open) -> None:
    page = open_page()
    begin(page)
    assert wait_for(lambda: asked(page, "held") == 1, seconds=5)
    page.evaluate("look('hidden')")
    assert wait_for(lambda: asked(page, "held") == 0, seconds=5)
    page.evaluate("look('visible')")
    assert wait_for(lambda: asked(page, "held") == 1, seconds=5)
    button(page).click()
    assert wait_for(lambda: asked(page, "held") == 0, seconds=5)
    page.evaluate("look('visible')")
    assert asked(page, "locks") == 2
    expect(page.get_by_role("status").get_by_text("Rest a bit")).to_be_visible()


@pytest.mark.parametrize(("wanted", "tones"), [(False, 0), (True, 3)])
def test_it_sounds_at_each_turn_when_asked_to(open_page: Open, wanted: bool, tones: int) -> None:
    page = open_page()
    page.get_by_label("A soft sound").set_checked(wanted, force=True)
    assert asked(page, "tones") == 0
    begin(page)
    page.clock.run_for(11_000)
    assert asked(page, "tones") == tones


@pytest.mark.parametrize("phone", [{"reduced_motion": "reduce"}, {"color_scheme": "dark"}], ids=["reduced", "dim"])
def test_where_nothing_may_move_the_words_change_and_the_circle_is_still(
    open_page: Open, phone: dict[str, str]
) -> None:
    page = open_page(**phone)
    begin(page)
    assert page.evaluate(MOVES) == 0
    page.clock.run_for(4_000)
    expect(page.get_by_role("timer").locator(".breath__now")).to_contain_text("Out")


def test_without_scripts_a_tap_starts_the_circle_and_its_words(browser: Browser, server: str, world: World) -> None:
    context = browser.new_context(base_url=server, java_script_enabled=False)
    page = context.new_page()
    page.goto("/breathe/")
    circle, word = page.locator(".breath__circle"), page.locator(".breath__in")
    expect(circle).to_have_css("animation-name", "none")
    expect(word).to_have_css("opacity", "0")
    button(page).click()
    expect(circle).to_have_css("animation-name", "breathe")
    expect(word).to_have_css("animation-name", "breath-in")
    expect(page.get_by_text("How long")).to_be_hidden()
    button(page).click()
    expect(circle).to_have_css("animation-name", "none")
    context.close()


def test_it_opens_and_runs_with_no_network(browser: Browser, server: str, world: World) -> None:
    client = bind(Client(), world)
    context = browser.new_context(base_url=server)
    context.add_cookies([{"name": "sid", "value": client.cookies["sid"].value, "url": server}])
    page = context.new_page()
    page.goto("/")
    assert wait_for(lambda: page.evaluate(KEPT), seconds=30)
    context.set_offline(True)
    page.goto("/breathe/")
    button(page).click()
    expect(page.get_by_role("timer").locator(".breath__now")).to_contain_text("Out", timeout=10_000)
    context.set_offline(False)
    context.close()
