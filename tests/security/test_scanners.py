"""A mail scanner changes nothing: it follows every link that we send or show, again and again, and presses every button.

It has no cookie to begin with, keeps what it is given, and types nothing. tests/journeys/test_scanners.py does it with Chromium.
"""

from __future__ import annotations

import re
from collections import deque
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.http import QueryDict
from django.test import Client
from pytest_django.fixtures import Settings

from tests.links import LINKS, MAKERS, NOT_STATE, Press, dump, path_of, presses, ready
from tests.security.test_words import sources
from tests.world import World

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).parents[2]
PREFETCH = (
    {"Sec-Purpose": "prefetch;prerender"},
    {"Purpose": "prefetch"},
    {"X-Moz": "prefetch"},
    {"HX-Request": "true"},
)
MOST_PRESSES = 150


@pytest.fixture
def scanned(world: World, settings: Settings) -> World:
    """As where people are real: no demo that lets anybody in."""
    settings.DEMO, settings.STRANGER_URL = False, "accounts:welcome"
    cache.clear()
    ready(world)
    return world


def crawl(browser: Client, path: str, *, most: int = MOST_PRESSES) -> list[Press]:
    """Follows the link, then presses whatever a page offers, the pages behind it included. Returns all that was pressed."""
    waiting, done = deque([Press("GET", path)]), list[Press]()
    while waiting and len(done) < most:
        press = waiting.popleft()
        if _without_token(press) in map(_without_token, done):
            continue
        done.append(press)
        response = _send(browser, press)
        assert response.status_code < 500, press
        if response.get("Content-Type", "").startswith("text/html"):
            at = response.redirect_chain[-1][0] if response.redirect_chain else press.path
            waiting += presses(response.content.decode(), at)
    return done


def _send(browser: Client, press: Press) -> Any:
    if press.method == "GET":
        return browser.get(press.path, follow=True)
    body = QueryDict(mutable=True)
    for name, value in press.fields:
        body.appendlist(name, value)
    return browser.post(press.path, body.urlencode(), content_type="application/x-www-form-urlencoded", follow=True)


def _without_token(press: Press) -> Press:
    return Press(press.method, press.path, tuple(each for each in press.fields if each[0] != "csrfmiddlewaretoken"))


@pytest.mark.parametrize("kind", LINKS)
def test_looking_at_a_link_a_hundred_ways_changes_nothing(scanned: World, kind: str) -> None:
    path = path_of(LINKS[kind](scanned))
    before = dump(scanned)
    for _ in range(3):
        for headers in ({}, *PREFETCH):
            browser = Client(headers=headers)
            assert browser.get(path, follow=True).status_code < 500
            assert browser.head(path, follow=True).status_code < 500
    assert dump(scanned) == before


@pytest.mark.parametrize("kind", LINKS)
def test_pressing_every_button_behind_a_link_changes_nothing(scanned: World, kind: str) -> None:
    path = path_of(LINKS[kind](scanned))
    before = dump(scanned)
    browser = Client(enforce_csrf_checks=True)
    pressed = [*crawl(browser, path), *crawl(browser, path)]
    assert {table: rows for table, rows in dump(scanned).items() if rows != before[table]} == {}
    assert any(press.method == "POST" for press in pressed)
    assert len(pressed) < 2 * MOST_PRESSES


# What the scan rests on.


def test_every_module_that_knows_our_address_has_its_link_tried() -> None:
    makers = {name for name, source in sources() if re.search(r"\bPUBLIC_URL\b", source)}
    assert makers == set(MAKERS)
    assert {kind for kind in MAKERS.values() if kind} <= set(LINKS)


def test_what_is_no_state_is_there_and_is_nothing_more(scanned: World) -> None:
    tables = dump(scanned)
    assert not set(NOT_STATE) & set(tables)
    for table in ("accounts_token", "accounts_device", "accounts_channel", "accounts_auditevent", "timeline_treatment"):
        assert table in tables


@pytest.mark.parametrize(
    ("body", "table"),
    [({"answer": "stop"}, "accounts_channel"), ({"List-Unsubscribe": "One-Click"}, "accounts_auditevent")],
)
def test_an_answer_is_seen_in_the_state(scanned: World, body: dict[str, str], table: str) -> None:
    path = path_of(LINKS["stop e-mails"](scanned))
    before = dump(scanned)
    Client().post(path, body)
    assert dump(scanned)[table] != before[table]


def test_with_a_cookie_of_the_patients_the_same_presses_are_seen(scanned: World, phone: Client) -> None:
    """The control: the buttons are real, and what keeps a scanner out is that it has no phone of anybody's."""
    before = dump(scanned)
    crawl(phone, "/", most=40)
    changed = {table for table, rows in dump(scanned).items() if rows != before[table]}
    assert {"checkin_checkin", "alerts_alert"} <= changed
