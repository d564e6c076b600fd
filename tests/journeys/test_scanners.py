"""A mail scanner that runs scripts: Chromium without a cookie follows each link and presses every button it finds."""

from __future__ import annotations

from contextlib import suppress
from itertools import count
from urllib.parse import urlsplit

import pytest
from django.core.cache import cache
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Request
from playwright.sync_api import TimeoutError as NothingCame
from pytest_django.fixtures import Settings

from aftercare.tenancy import tenant
from tests.links import LINKS, dump, path_of, ready
from tests.world import World

BUTTONS = "button, input[type=submit], [role=button]"
SENDS = "button => button.form !== null && button.type === 'submit'"
# As a program presses: whatever a form asks for, nothing is typed.
PRESS = "button => { if (button.form) button.form.noValidate = true; button.click(); }"
MOST_PRESSES = 40


@pytest.fixture
def scanned(server: str, world: World, settings: Settings) -> World:
    settings.DEMO, settings.STRANGER_URL = False, "accounts:welcome"
    cache.clear()
    ready(world)
    return world


def scan(context: BrowserContext, address: str) -> list[str]:
    """Presses every button of the page of a link, and of each page that a press leads to. Returns where each press led."""
    waiting, seen, led = [address], set[str](), list[str]()
    while waiting and len(led) < MOST_PRESSES:
        start = waiting.pop(0)
        for number in count():
            page = context.new_page()
            page.goto(start)
            seen.add(_path(page))
            if number >= page.locator(BUTTONS).count():
                page.close()
                break
            _press(page, page.locator(BUTTONS).nth(number))
            led.append(_path(page))
            if led[-1] not in seen:
                seen.add(led[-1])
                waiting.append(page.url)
            page.close()
    return led


def _path(page: Page) -> str:
    return urlsplit(page.url).path


def _press(page: Page, button: Locator) -> None:
    """A script may send a form by itself, or hold it back: then no other page comes."""
    if not button.evaluate(SENDS):
        button.evaluate(PRESS)
        return
    with suppress(NothingCame):
        with page.expect_event("requestfinished", _is_post, timeout=1_500) as sent:
            button.evaluate(PRESS)
        answer = sent.value.response()
        page.wait_for_load_state("networkidle" if answer and 300 <= answer.status < 400 else "load")


def _is_post(request: Request) -> bool:
    return request.method == "POST"


def test_a_browser_that_presses_everything_behind_our_links_changes_nothing(
    browser: Browser, server: str, scanned: World
) -> None:
    for kind, make in LINKS.items():
        # One by one: a link made anew ends the one before.
        with tenant(scanned.clinic.pk):
            path = path_of(make(scanned))
        before = dump(scanned)
        context = browser.new_context(base_url=server, viewport={"width": 1280, "height": 800})
        context.set_default_timeout(15_000)
        assert context.request.get(server + path).ok, kind
        led = scan(context, server + path)
        assert led, kind
        context.close()
        after = dump(scanned)
        assert {table: rows for table, rows in after.items() if rows != before[table]} == {}, kind
