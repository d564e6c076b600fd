"""What is measured on one open page. Each returns what is wrong, a line each; nothing wrong is an empty list."""

from __future__ import annotations

import importlib.util
from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from tests.reading import EASY_ES, ease_es, grade, sentences, words

AXE_TAGS = ["wcag2a", "wcag2aa", "wcag2aaa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]
COLOUR_RULES = ["color-contrast", "color-contrast-enhanced", "link-in-text-block"]
HARDEST_PAGE, HARDEST_HELP, LONGEST_SENTENCE = 6.0, 5.0, 18
# What a person reads in one go: a heading, a paragraph, a list item. Left out: hidden text, text for the machine, and the
# wording of validated questionnaires, which nobody may change (tests/checkin/test_two_weeks.py: nothing else is marked so).
_BLOCKS = """
() => [...document.querySelectorAll("h1, h2, h3, p, li, summary, label, legend, button, dt, dd, b")]
  .filter((node) => node.checkVisibility() && !node.closest("[aria-hidden=true], .sources, .foot-note--staff, [data-validated]"))
  .filter((node) => !node.querySelector("h1, h2, h3, p, li, summary, label, legend, button, dt, dd, b"))
  .map((node) => ({text: node.innerText.trim().replace(/\\s+/g, " "), help: Boolean(node.closest("#help, .care"))}))
  .filter((block) => block.text)
"""
_OPEN_ALL = "() => document.querySelectorAll('details').forEach((node) => { node.open = true; })"
_WIDE = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
_HIGH = "() => document.documentElement.scrollHeight"
_SMALL = """
(least) => [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary")]
  .filter((node) => node.checkVisibility() && !node.matches(".skip, .skip *, .brand, p a, li a, p a *"))
  .map((node) => [node, node.getBoundingClientRect()])
  .filter(([node, box]) => box.height > 0 && box.height < least)
  .filter(([node]) => !(node.matches("input[type=radio], input[type=checkbox]") && node.labels?.length))
  .map(([node, box]) => [node.tagName.toLowerCase(), (node.innerText || node.name || "").trim(), Math.round(box.height)])
  .map(([tag, name, height]) => `${tag} "${name}" is ${height} px high`)
"""


@cache
def axe_script() -> str:
    """The file that the accessibility checker's package carries."""
    spec = importlib.util.find_spec("axe_playwright_python")
    assert spec and spec.origin
    return next(Path(spec.origin).parent.rglob("axe.min.js")).read_text("utf-8")


def structure(page: Page) -> list[str]:
    """What axe finds: A, AA, AAA and best practice.

    The window is as high as the page: a target that is half under the bar now, and would be scrolled up, is not too small.
    """
    page.evaluate(_OPEN_ALL)
    width: int = page.evaluate("() => innerWidth")
    page.set_viewport_size({"width": width, "height": max(844, page.evaluate(_HIGH))})
    page.evaluate(axe_script())
    return _found(page, {"type": "tag", "values": AXE_TAGS})


def colours(page: Page) -> list[str]:
    """What axe finds of the colours alone, on a page that structure() has looked at."""
    return _found(page, {"type": "rule", "values": COLOUR_RULES})


def _found(page: Page, only: dict[str, Any]) -> list[str]:
    found: list[dict[str, Any]] = page.evaluate(
        "(only) => axe.run(document, {runOnly: only, resultTypes: ['violations']}).then((result) => result.violations)",
        only,
    )
    return [f"{item['id']}: {node['html'][:120]}" for item in found for node in item["nodes"]]


def reading(page: Page, *, hardest_page: float = HARDEST_PAGE) -> list[str]:
    """Blocks whose sentences are too long, and whether the page, or its help, reads too hard in its language."""
    page.evaluate(_OPEN_ALL)
    blocks: list[dict[str, Any]] = page.evaluate(_BLOCKS)
    is_spanish = page.locator("html").get_attribute("lang") == "es"
    wrong = [
        f"{len(words(sentence))} words: {sentence}"
        for block in blocks
        for sentence in sentences(block["text"])
        if len(words(sentence)) > LONGEST_SENTENCE
    ]
    for name, hardest, texts in (
        ("page", hardest_page, [block["text"] for block in blocks]),
        ("help", HARDEST_HELP, [block["text"] for block in blocks if block["help"]]),
    ):
        if texts and is_spanish and (ease := ease_es("\n".join(texts))) < EASY_ES:
            wrong.append(f"the {name} reads with an ease of {ease:.1f}, below {EASY_ES}")
        if texts and not is_spanish and (found := reading_grade(texts)) > hardest:
            wrong.append(f"the {name} reads at grade {found:.1f}, above {hardest}")
    return wrong


def reading_grade(texts: list[str]) -> float:
    """The grade of blocks read one after the other: each block ends a sentence."""
    return grade(" ".join(text if text[-1] in ".?!:" else f"{text}." for text in texts))


def page_grade(page: Page) -> float:
    page.evaluate(_OPEN_ALL)
    return reading_grade([block["text"] for block in page.evaluate(_BLOCKS)])


def layout(page: Page, *, least: int) -> list[str]:
    """A page that scrolls sideways, and controls lower than `least` CSS pixels."""
    wide = int(page.evaluate(_WIDE))
    return [*([f"the page is {wide} px too wide"] if wide > 0 else []), *page.evaluate(_SMALL, least)]
