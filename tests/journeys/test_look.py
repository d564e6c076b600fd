"""Every page in both themes: nothing for axe to find, words that a foggy reader can follow, controls that a thumb can hit."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.look import checks
from tests.look.screens import SCREENS
from tests.look.session import THEMES, Looker, weigh
from tests.stack import Stack

# Words and places are the same in both themes; what axe sees of the colours is not.
WHAT = {"day": ["structure", "reading", "layout"], "dim": ["structure"]}


@pytest.fixture(scope="module", params=THEMES)
def looker(request: pytest.FixtureRequest, browser: Browser, stack: Stack) -> Iterator[Looker]:
    with Looker(browser, url=stack.url, theme=request.param) as made:
        yield made


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.name)
def test_nothing_is_wrong_with_the_page(looker: Looker, screen: object) -> None:
    assert looker.look(screen, what=WHAT[looker.theme]) == []  # type: ignore[arg-type]


def test_the_first_load_of_the_day_is_light(browser: Browser, stack: Stack) -> None:
    weight = weigh(browser, url=stack.url)
    assert weight.wrong == [], weight.said


# The controls: each check finds what is wrong when something is.


def test_axe_finds_faint_text_and_a_field_without_a_name(page: Page) -> None:
    page.set_content("<html lang=en><title>x</title><main><h1>x</h1><p style='color:#ccc'>faint</p><input></main>")
    found = " ".join(checks.structure(page))
    assert "color-contrast" in found
    assert "label" in found


def test_the_reading_gate_finds_hard_words_and_long_sentences(page: Page) -> None:
    page.set_content(
        "<main><p>Neuropsychopharmacological interventions necessitate considerable individualised deliberation.</p>"
        "<p>This is a line that goes on and on and on and on and on and on until it is too long to read at once.</p></main>"
    )
    found = " ".join(checks.reading(page))
    assert "reads at grade" in found
    assert "words: This is a line" in found


def test_the_layout_check_finds_a_wide_page_and_a_low_button(page: Page) -> None:
    page.set_content("<main><button style='height:20px'>tap</button><div style='width:2000px'>x</div></main>")
    found = " ".join(checks.layout(page, least=48))
    assert "too wide" in found
    assert 'button "tap" is 20 px high' in found
