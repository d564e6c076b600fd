"""The weeks on paper: each table is there though it is closed on the screen, and what can only be tapped is not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client
from playwright.sync_api import Browser, Page, Route

from aftercare.processes import ROOT
from tests.checkin.logs import log
from tests.world import World

pytestmark = pytest.mark.django_db
HERE = "http://paper.invalid/"
# What a person sees of these: how many, of how many that are there.
_SEEN = """
(what) => [...document.querySelectorAll(what)].map((node) => node.checkVisibility() && node.getBoundingClientRect().height > 0)
"""


@pytest.fixture
def paper(browser: Browser, phone: Client, world: World) -> Iterator[Page]:
    """The page of a week with four logs, in a browser that gets our style sheet and font and nothing else."""
    for ago in (6, 5, 2, 1):
        log(world, ago, mood=ago, slept_minutes=420)
    html = phone.get("/weeks/").content.decode()
    page = browser.new_page(viewport={"width": 794, "height": 1123})

    def answer(route: Route) -> None:
        path = Path(ROOT, route.request.url.removeprefix(HERE))
        route.fulfill(path=path) if path.is_file() else route.abort()

    page.route(f"{HERE}static/**", answer)
    page.route(HERE, lambda route: route.fulfill(body=html, content_type="text/html"))
    page.goto(HERE)
    yield page
    page.close()


def test_on_paper_each_table_is_open_and_nothing_is_left_to_tap(paper: Page) -> None:
    assert paper.evaluate(_SEEN, ".days td") == [False] * len(paper.query_selector_all(".days td"))
    paper.emulate_media(media="print")
    cells = paper.evaluate(_SEEN, ".days td")
    assert len(cells) > 15 and all(cells)
    assert paper.evaluate(_SEEN, ".chart__plot") == [True] * 3
    assert not any(paper.evaluate(_SEEN, ".bar, .tabs, .back, #share, #help, .top"))
    assert paper.evaluate("() => document.documentElement.scrollWidth") <= 794
