"""A manager invites a nurse, who comes in with a passkey, goes, and comes back with the passkey alone."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.look.doors import PASSWORD, code_of, invite
from tests.stack import Stack

DESK: Any = {"viewport": {"width": 1280, "height": 800}}
Open = Callable[[], Page]


@pytest.fixture
def open_page(browser: Browser, stack: Stack) -> Iterator[Open]:
    """A browser of its own."""
    contexts: list[BrowserContext] = []

    def make() -> Page:
        context = browser.new_context(base_url=stack.url, **DESK)
        context.set_default_timeout(10_000)
        contexts.append(context)
        return context.new_page()

    yield make
    for context in contexts:
        context.close()


def with_passkeys(page: Page) -> Page:
    """A device that makes passkeys, and whose owner's finger is always right."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    device = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": device})
    return page


def pick_password(page: Page, link: str) -> str:
    """Opens the link and joins. Returns the e-mail address."""
    page.goto(link)
    assert urlsplit(page.url).path == "/staff/join/"
    email = page.get_by_label("You sign in as").input_value()
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_label("The same once more").fill(PASSWORD)
    page.get_by_role("button", name="Save the password").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Add a second step")
    return email


def type_password(page: Page, email: str) -> None:
    page.goto("/staff/login/")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def test_an_invited_nurse_comes_in_with_a_passkey_and_back_with_it_alone(open_page: Open) -> None:
    manager, nurse = open_page(), with_passkeys(open_page())
    refused: list[str] = []
    nurse.on("console", lambda message: refused.append(message.text))
    email = pick_password(nurse, invite(manager))

    # no page of the staff before the second step
    nurse.goto("/staff/")
    assert urlsplit(nurse.url).path == "/staff/me/second-step/"

    # a passkey, then the codes
    nurse.get_by_role("link", name="A passkey").click()
    nurse.get_by_label("A name for it").fill("Red laptop")
    nurse.get_by_role("button", name="Make the passkey").click()
    nurse.get_by_role("button", name="Show my codes").click()
    expect(nurse.locator(".codes li")).to_have_count(10)
    expect(nurse.get_by_role("button", name="Print them")).to_be_visible()
    nurse.get_by_role("link", name="I have them").click()
    expect(nurse.get_by_role("heading", level=1)).to_contain_text("Today")

    # out, and in with the passkey alone
    nurse.get_by_role("button", name="Sign out").click()
    nurse.get_by_role("button", name="Use a passkey").click()
    expect(nurse.get_by_role("heading", level=1)).to_contain_text("Today")

    # out, and in with the password and the passkey as second step
    nurse.get_by_role("button", name="Sign out").click()
    type_password(nurse, email)
    nurse.get_by_role("button", name="Use your passkey").click()
    expect(nurse.get_by_role("heading", level=1)).to_contain_text("Today")
    nurse.goto("/staff/me/")
    expect(nurse.get_by_text("Red laptop").first).to_be_visible()
    assert [text for text in refused if "Content Security" in text or "integrity" in text] == []


def test_an_app_without_javascript_and_access_that_is_taken_away(
    browser: Browser, stack: Stack, open_page: Open
) -> None:
    manager = open_page()
    link = invite(manager)
    context = browser.new_context(base_url=stack.url, java_script_enabled=False, **DESK)
    nurse = context.new_page()
    email = pick_password(nurse, link)
    nurse.get_by_role("link", name="An authenticator app").click()
    key = "".join(nurse.locator(".keys").inner_text().split())
    nurse.get_by_label("The code that the app shows").fill(code_of(key))
    nurse.get_by_role("button", name="Add the app").click()
    nurse.get_by_role("link", name="Later").click()
    nurse.goto("/staff/")
    expect(nurse.get_by_role("heading", level=1)).to_contain_text("Today")

    # a phone whose clock is wrong is told what to do; the next code opens
    nurse.get_by_role("button", name="Sign out").click()
    type_password(nurse, email)
    nurse.get_by_label("Code").fill("000000")
    nurse.get_by_role("button", name="Go on").click()
    expect(nurse.get_by_text("clock to automatic").first).to_be_visible()
    nurse.get_by_label("Code").fill(code_of(key))
    nurse.get_by_role("button", name="Go on").click()
    expect(nurse.get_by_role("heading", level=1)).to_contain_text("Today")

    # the manager takes the access away: the next click is a stranger's
    manager.goto("/staff/team/")
    rows = manager.locator("tr", has_text="Ivo Lind").filter(has_text="Can sign in")
    for href in [row.get_attribute("href") for row in rows.get_by_role("link").all()]:
        manager.goto(str(href))
        if manager.get_by_text(email).count():
            break
    manager.get_by_role("link", name="Take away access").click()
    manager.get_by_role("button", name="Take away access").click()
    expect(manager.get_by_text("is signed out everywhere")).to_be_visible()
    began = time.monotonic()
    nurse.goto("/staff/")
    assert urlsplit(nurse.url).path == "/staff/login/"
    assert time.monotonic() - began < 2
    context.close()
