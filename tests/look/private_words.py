"""Ways to the pages of private words: the PIN first, and something written."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page

from tests.look.ways import PIN

TEXTS = (
    "Let the quiet last.",
    "A wide, slow river. I was not afraid of it.\n\nI saw my grandmother’s kitchen, and the light there.",
    "שלום לך, לב שלי",
)


def with_pin(path: str, link: str = "", *, writes: bool = False) -> Callable[[Page], object]:
    """A page behind the PIN, and what a link of it opens. Looks at the newest text where `link` is "*"."""

    def go(page: Page) -> None:
        for text in TEXTS if writes else ():
            page.goto("/words/")
            page.locator("textarea").fill(text)
            page.get_by_role("button", name="Keep this").click()
            page.wait_for_url("**/words/?kept=1")
        open_with_pin(page, path)
        if link and not page.locator(".shelf--words a").count():
            open_with_pin(page, path)  # a page that went may have locked them late, after all
        if link:
            page.locator(".shelf--words a").first.click()
            page.wait_for_load_state()
        if link not in {"", "*"}:
            page.get_by_role("link", name=link).click()
            page.wait_for_load_state()

    return go


def open_with_pin(page: Page, path: str) -> None:
    """The PIN is typed where it is asked for: some other page of these words may have opened them already."""
    page.goto(f"/words/open/?next={path}")
    if page.locator("#id_known_pin").count():
        page.locator("#id_known_pin").fill(PIN)
        with page.expect_navigation():
            page.get_by_role("button", name="Open it").click()
