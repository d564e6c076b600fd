"""The page for a talk prints on one sheet, at its longest, in each script, on Letter and A4."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.template.loader import render_to_string
from django.test import RequestFactory
from playwright.sync_api import Browser, Page, Route

from aftercare.processes import ROOT
from journal.one_page import LINE, MOST_LINES, OnePage, Part, fits_one_sheet, lines_of

pytestmark = pytest.mark.django_db
HERE = "http://paper.invalid/"
EDGE = "15mm"
SIZES = ("Letter", "A4")


@pytest.fixture
def paper(browser: Browser) -> Iterator[Page]:
    """A page that shows what it is given, with our own style sheet and fonts."""
    page = browser.new_page()

    def answer(route: Route) -> None:
        path = Path(ROOT, route.request.url.removeprefix(HERE))
        route.fulfill(path=path) if path.is_file() else route.abort()

    page.route(f"{HERE}static/**", answer)
    yield page
    page.close()


def sheets(paper: Page, page: OnePage, size: str) -> int:
    request = RequestFactory().get("/shared/")
    request.device = request.patient = None  # type: ignore[attr-defined]
    html = render_to_string("journal/shared.html", {"page": page, "until": "Monday"}, request=request)
    paper.route(HERE, lambda route: route.fulfill(body=html, content_type="text/html"))
    paper.goto(HERE)
    paper.evaluate("document.fonts.ready")
    pdf = paper.pdf(format=size, margin={"top": EDGE, "bottom": EDGE, "left": EDGE, "right": EDGE})
    return len(re.findall(rb"/Type\s*/Page\b", pdf))


def longest(sign: str, *, parts: int) -> tuple[Part, ...]:
    """So many parts, filled until not one line more would fit."""
    wide = lines_of(sign * LINE)
    line = (sign * 5 + " ") * (LINE // (6 * wide))
    lines = MOST_LINES // parts - 3
    found = tuple(
        Part("entry", "\n".join([line] * lines), heading=f"Words from Friday, November {at}") for at in range(parts)
    )
    assert fits_one_sheet(found)
    assert not fits_one_sheet((*found, Part("entry", "\n" * parts)))
    return found


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("sign", ["m", "W", "静", "ж"])
@pytest.mark.parametrize("parts", [1, 4, 11])
def test_the_longest_page_is_one_sheet(paper: Page, size: str, sign: str, parts: int) -> None:
    page = OnePage(longest(sign, parts=parts), written="Friday, November 27, 2026, 9:14 pm", zone="UTC")
    assert sheets(paper, page, size) == 1


def test_what_would_be_refused_takes_more(paper: Page) -> None:
    """The control: more than that is more than a sheet."""
    page = OnePage((Part("entry", "A line.\n" * 70),), written="Friday", zone="UTC")
    assert sheets(paper, page, "Letter") > 1
