"""How to come to what staff do after a visit, and to the papers."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page


def of_call(name: str, *buttons: str) -> Callable[[Page], object]:
    """The call after somebody's visit; `buttons` are pressed as the page opens."""

    def go(page: Page) -> None:
        page.goto("/staff/alerts/")
        page.locator("a[id^=log-]").filter(has_text=name).first.click()
        for button in buttons:
            with page.expect_navigation():
                page.get_by_role("button", name=button).click()
        page.wait_for_load_state()

    return go


def of_form(name: str) -> Callable[[Page], object]:
    """The question whether somebody's form was sent."""

    def go(page: Page) -> None:
        page.goto("/staff/alerts/")
        page.locator("a[id^=sent-]").filter(has_text=name).first.click()
        page.wait_for_load_state()

    return go
