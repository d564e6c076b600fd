"""How to come to the pages of alerts: one that is open, one that was taken, one that is over, and a page that is stale."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page

# Whom the demo tells of: nobody has the first, somebody has the second, the third is over.
OPEN, TAKEN, OVER = "Grace Adeyemi", "Ines Duarte", "Mei Tanaka"


def of_alert(name: str, *, button: str = "", path: str = "/staff/alerts/") -> Callable[[Page], object]:
    """The page of somebody's alert; `button` sends one of its forms as it is."""

    def go(page: Page) -> None:
        page.goto(path)
        page.locator("#main a[href*='/staff/alerts/']").filter(has_text=name).last.click()
        if button:
            for closed in page.locator("details:not([open]) summary").all():
                closed.click()
            with page.expect_navigation():
                page.get_by_role("button", name=button, exact=True).click()
        page.wait_for_load_state()

    return go


def stale(page: Page) -> None:
    """The board after half a minute without an answer."""
    page.goto("/staff/alerts/")
    page.route("**/staff/alerts/**", lambda route: route.abort())
    page.evaluate("document.getAnimations().forEach((animation) => animation.finish())")


def ending_a_shift(page: Page) -> None:
    page.goto("/staff/on-call/")
    page.locator("details summary").click()
    page.get_by_role("link", name="Take away").first.click()
    page.wait_for_load_state()
