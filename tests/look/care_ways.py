"""Ways through a visit at the clinic: a line to type, a slip of the finger, and who stands at the door."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page


def care_of(page: Page, name: str) -> None:
    page.goto(f"/staff/patients/?q={name}")
    page.get_by_role("link", name=name).first.click()
    page.get_by_role("link", name="At the clinic").first.click()
    page.locator("#care").wait_for()


def line_open(page: Page) -> None:
    """An item that wants a line, sent without it."""
    care_of(page, "Noor Haddad")
    page.locator("#ask-anti_sickness summary").click()
    page.locator("#ask-anti_sickness").get_by_role("button", name="Tick").click()
    page.locator(".errors").wait_for()


def wrong_word(page: Page) -> None:
    care_of(page, "Maya Torres")
    page.get_by_label("Door word").fill("zebrafish")
    page.get_by_role("button", name="Check it").click()
    page.locator(".errors").wait_for()


def slip(page: Page) -> None:
    care_of(page, "Maya Torres")
    page.locator("#reading-form [name=moment][value=between]").check()
    page.get_by_label("Top number").fill("80")
    page.get_by_label("Bottom number").fill("120")
    page.get_by_role("button", name="Write it down").click()
    page.locator(".errors").wait_for()


def at_door(*links: str) -> Callable[[Page], object]:
    """What the ways without a word lead to."""

    def go(page: Page) -> None:
        care_of(page, "Maya Torres")
        page.get_by_text("No word, or somebody else").click()
        for link in links:
            page.get_by_role("link", name=link).or_(page.get_by_role("button", name=link)).first.click()
        page.wait_for_load_state()

    return go


def undecided(page: Page) -> None:
    """A clinician who gave neither a reason nor a name."""
    care_of(page, "Maya Torres")
    page.get_by_role("link", name="The patient has left").click()
    page.get_by_role("link", name="Let a clinician decide").click()
    with page.expect_navigation():
        page.get_by_role("button", name="Record that the patient left").click()
