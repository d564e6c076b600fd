"""Ways into a check-in: tiles tapped one after the other, by their words."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page

CALM = ("None of these", "Clear, or close to it", "Fine, or close to it", "No, or close to it", "Calm, or close to it")
ACHE = ("None of these", "Clear, or close to it", "Fine, or close to it", "Yes, an ache")
QUEASY = (*CALM[:2], "A bit queasy", "Yes", *CALM[3:])
LOW = (*CALM[:4], "Much lower than before")


def tapped(*tiles: str, path: str = "/check-in/") -> Callable[[Page], object]:
    """Begins a check-in and taps these tiles."""

    def go(page: Page) -> None:
        page.goto(path)
        for tile in tiles:
            tap(page, tile)

    return go


def tap(page: Page, tile: str) -> None:
    """One tile; a number by itself is one of the row."""
    with page.expect_navigation():
        page.locator("button.tile").filter(has_text=tile).first.click()


def to_the_end(*tiles: str) -> Callable[[Page], object]:
    """These tiles, and "no" to the direct question where it is asked."""

    def go(page: Page) -> None:
        tapped(*tiles)(page)
        if "/q/" in page.url:
            page.locator("button.tile[value=no]").click()
            page.wait_for_url("**/now/")

    return go


calm = to_the_end(*CALM)


def measured(top: str, bottom: str) -> Callable[[Page], object]:
    """What comes after these numbers at the question of somebody with a cuff who is dizzy."""

    def go(page: Page) -> None:
        tapped("Something else worries me", "Dizzy, faint", "Dizzy when I stand up", *CALM[1:])(page)
        page.locator("[name=top]").fill(top)
        page.locator("[name=bottom]").fill(bottom)
        with page.expect_navigation():
            page.get_by_role("button", name="Continue").click()

    return go


def by_phone(*tiles: str, name: str = "Noor Haddad") -> Callable[[Page], object]:
    """Staff ask on the phone."""

    def go(page: Page) -> None:
        page.goto(f"/staff/patients/?q={name}")
        page.get_by_role("link", name=name).first.click()
        page.get_by_role("link", name="Check-in by phone").click()
        page.wait_for_load_state()
        for tile in tiles:
            tap(page, tile)

    return go


def called_back(page: Page) -> None:
    calm(page)
    with page.expect_navigation():
        page.get_by_role("button", name="Ask for a call back").click()


def changed(page: Page) -> None:
    """Back at an answer that was given."""
    tapped("Chest pain")(page)
    page.get_by_role("link", name="Change my answer").click()
    page.wait_for_load_state()


def nothing_picked(page: Page) -> None:
    """A post without an answer, as a browser without our page could send it."""
    page.goto("/check-in/")
    with page.expect_navigation():
        page.evaluate("document.querySelector('form.ask').submit()")
