"""The weeks in a browser: on paper each table is there and what can only be tapped is not; a day stays on its line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, Page, Route

from aftercare.processes import ROOT
from checkin.services.sharing import share_charts
from tests.checkin.logs import log
from tests.conftest import StaffClient
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
    page = _opened(browser, phone.get("/weeks/").content.decode())
    yield page
    page.close()


def _opened(browser: Browser, html: str) -> Page:
    page = browser.new_page(viewport={"width": 794, "height": 1123})

    def answer(route: Route) -> None:
        path = Path(ROOT, route.request.url.removeprefix(HERE))
        route.fulfill(path=path) if path.is_file() else route.abort()

    page.route(f"{HERE}static/**", answer)
    page.route(HERE, lambda route: route.fulfill(body=html, content_type="text/html"))
    page.goto(HERE)
    return page


def test_on_paper_each_table_is_open_and_nothing_is_left_to_tap(paper: Page) -> None:
    assert paper.evaluate(_SEEN, ".days td") == [False] * len(paper.query_selector_all(".days td"))
    paper.emulate_media(media="print")
    cells = paper.evaluate(_SEEN, ".days td")
    assert len(cells) > 15 and all(cells)
    assert paper.evaluate(_SEEN, ".chart__plot") == [True] * 3
    assert not any(paper.evaluate(_SEEN, ".bar, .tabs, .back, .golink, #share, #help, .top"))
    assert paper.evaluate("() => document.documentElement.scrollWidth") <= 794


def test_each_day_of_the_staffs_table_stays_on_one_line(
    browser: Browser, world: World, staff: Callable[..., StaffClient]
) -> None:
    line = "I could tell that it was easier to get up, and I went for a walk. " * 5
    for ago in (6, 5, 2, 1):
        log(world, ago, mood=ago, for_clinic=line)
    share_charts(world.patient, on=True, at=timezone.now())
    page = _opened(browser, staff().get(f"/staff/patients/{world.patient.pk}/weeks/").content.decode())
    lines = """(nodes) => nodes.map((node) => {
      const inside = document.createRange(); inside.selectNodeContents(node);
      return new Set([...inside.getClientRects()].map((box) => box.top)).size; })"""
    assert set(page.eval_on_selector_all(".sheet--log tbody th", lines)) == {1}
    page.close()
