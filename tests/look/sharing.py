"""How to come to the pages of the morning after, of what is shared, and of whoever was given it."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page

from tests.look.private_words import open_with_pin

READER = "hour_20"
TEXTS = (
    "A wide, slow river. I was not afraid of it. I saw my grandmother’s kitchen, and the light there.\n\nIt was warm.",
    "Let the quiet last.",
)


def behind_the_pin(path: str, *, writes: bool = False) -> Callable[[Page], object]:
    """A page that opens with the PIN; `writes` leaves something to read first."""

    def go(page: Page) -> None:
        for text in TEXTS if writes else ():
            page.goto("/words/")
            page.locator("textarea[name=text]").fill(text)
            with page.expect_navigation():
                page.get_by_role("button", name="Keep this").click()
        open_with_pin(page, path)
        page.wait_for_url(f"**{path}")

    return go


def page_form(page: Page) -> None:
    """What can go on the page for a talk, whatever an earlier look has made. By its link: a new address would lock it."""
    behind_the_pin("/words/page/", writes=True)(page)
    change = page.get_by_role("link", name="Change it")
    if change.count():
        with page.expect_navigation():
            change.click()


def page_made(page: Page) -> None:
    """The page for a talk, put together anew."""
    page_form(page)
    page.locator("input[name^=all_entry]").first.check()
    page.locator("textarea[name^=lines_]").last.fill("Let the quiet last.")
    page.locator("[name=question]").fill("What was the kitchen about?")
    with page.expect_navigation():
        page.get_by_role("button", name="Make my page").click()


def share_asked(page: Page) -> None:
    page_made(page)
    page.get_by_role("link", name="Share it with one person").click()
    page.wait_for_load_state()


def share_made(page: Page) -> None:
    share_asked(page)
    page.locator("[name=whom]").fill("My therapist")
    with page.expect_navigation():
        page.get_by_role("button", name="Make the link").click()


def shares(page: Page) -> None:
    share_made(page)
    page.goto("/words/shared/")


def as_guest(*, types: str = "the code") -> Callable[[Page], object]:
    """Another browser with the link; `types` is "the code", or what is typed instead."""

    def go(page: Page) -> None:
        page.goto("/start/")
        page.locator(f"button[name=who][value={READER}]").click()
        share_made(page)
        link, code = page.locator("#link").input_value(), page.locator(".door-word__word").inner_text()
        page.context.clear_cookies(name="sid")
        page.goto(link[link.index("/shared/") :])
        page.locator("[name=code]").fill(code if types == "the code" else types)
        with page.expect_navigation():
            page.get_by_role("button", name="Open the page").click()

    return go
