"""Every page in both themes: nothing for axe to find, words that a foggy reader can follow, controls that a thumb can hit."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.look import checks
from tests.look.screens import SCREENS, Screen
from tests.look.session import Looker, weigh
from tests.stack import Stack


@pytest.fixture(scope="module")
def looker(browser: Browser, stack: Stack) -> Iterator[Looker]:
    with Looker(browser, url=stack.url) as made:
        yield made


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.name)
def test_nothing_is_wrong_with_the_page(looker: Looker, screen: Screen) -> None:
    assert looker.look(screen, what=["structure", "reading", "layout"]) == []


def test_the_first_load_of_the_day_is_light(browser: Browser, stack: Stack) -> None:
    weight = weigh(browser, url=stack.url)
    assert weight.wrong == [], weight.said


# The controls: each check finds what is wrong when something is.


def test_axe_finds_faint_text_and_a_field_without_a_name(page: Page) -> None:
    page.set_content("<html lang=en><title>x</title><main><h1>x</h1><p style='color:#ccc'>faint</p><input></main>")
    found = " ".join(checks.structure(page))
    assert "color-contrast" in found
    assert "label" in found


def test_the_look_at_colours_finds_what_is_faint_in_the_other_theme_alone(page: Page) -> None:
    page.set_content("<html lang=en><title>x</title><main><h1>x</h1><p>plain</p></main>")
    assert "color-contrast" not in " ".join(checks.structure(page))
    page.evaluate("() => { document.body.style.background = '#111'; }")
    assert "color-contrast" in " ".join(checks.colours(page))


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
