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


def missed_a_test(page: Page) -> None:
    """Answers the test of the look before, where one could be sent: a phone gets one a minute, and three an hour."""
    page.goto("/set-up/reach/")
    button = page.get_by_role("button", name="It did not come", exact=True)
    if button.count():
        button.click()
        page.wait_for_load_state()


def _fill(page: Page, field: str, value: str) -> None:
    pick = page.locator(f"input[type=radio][name={field}][value='{value}']")
    if pick.count():
        pick.check(force=True)
    elif page.locator(f"select[name={field}]").count():
        page.locator(f"select[name={field}]").select_option(value)
    else:
        page.locator(f"[name={field}]").fill(value)


# Name, whose phone, and how to come there. The one at "planned" has begun with the set-up; the one at "closed" has not.
PAGES = (
    *((name, "planned", part(name)) for name in ("agree", "reach", "clock", "look", "tonight", "about-you")),
    ("home-screen", "planned", part("home-screen")),
    ("new", "closed", lambda page: page.goto("/set-up/")),
    *((f"{name}-error", "closed", part(name, "Save and go on")) for name in ("agree", "reach", "tonight", "about-you")),
    ("clock-error", "planned", part("clock", "Save and go on", starts="08:00", ends="08:00")),
    ("reach-test", "planned", part("reach", "Save and send me a test", texts="yes")),
    # Three tests in an hour are all that one may send: this one answers the test before.
    ("reach-missed", "planned", missed_a_test),
)
