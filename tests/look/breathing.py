"""The way to the breathing page while it counts."""

from __future__ import annotations

from playwright.sync_api import Page


def going(page: Page) -> None:
    page.goto("/breathe/")
    page.locator("#go summary").click()
    page.locator("[data-word]", has_text="Out").wait_for()
