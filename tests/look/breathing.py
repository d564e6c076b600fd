"""The way to the breathing page while it counts."""

from __future__ import annotations

from playwright.sync_api import Page


def going(page: Page) -> None:
    page.goto("/breathe/")
    page.locator("#go summary").click()
    page.get_by_role("timer").get_by_text("Out").wait_for()
