"""How to come to the pages of the set-up before a visit, and what somebody does there."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page


def part(name: str, *buttons: str, **fields: str) -> Callable[[Page], object]:
    """A part of the set-up by the last word of its address; `fields` are typed or picked, `buttons` pressed in order."""

    def go(page: Page) -> None:
        page.goto(f"/set-up/{name}/")
        for field, value in fields.items():
            _fill(page, field, value)
        for button in buttons:
            page.get_by_role("button", name=button, exact=True).click()
            page.wait_for_load_state()

    return go


def _fill(page: Page, field: str, value: str) -> None:
    pick = page.locator(f"input[type=radio][name={field}][value={value}]")
    if pick.count():
        pick.check(force=True)
    elif page.locator(f"select[name={field}]").count():
        page.locator(f"select[name={field}]").select_option(value)
    else:
        page.locator(f"[name={field}]").fill(value)
