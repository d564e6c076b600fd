"""How to come to the pages of the staff's door: an invitation, a password, a second step."""

from __future__ import annotations

import base64
import hmac
import re
import time
from collections.abc import Callable
from urllib.parse import urlsplit

from playwright.sync_api import Page

PASSWORD = "seven slow silver herons"


def invite(page: Page) -> str:
    """The manager of the demo invites somebody; the path of the link. The page that shows it stays open."""
    page.goto("/start/")
    page.locator("button[name=who][value=manager]").click()
    page.goto("/staff/team/invite/")
    for name, words in (("name", "Ivo Lind"), ("credentials", "RN"), ("email", f"ivo.{time.time_ns()}@cedar.invalid")):
        page.locator(f"[name={name}]").fill(words)
    page.get_by_label("Nurse:").check()
    page.get_by_role("button", name="Make the link").click()
    return urlsplit(page.get_by_label("The link", exact=True).input_value()).path


def of_member(name: str, *links: str) -> Callable[[Page], object]:
    """A person's page of the team, and what its links open."""

    def go(page: Page) -> None:
        page.goto("/staff/team/")
        page.get_by_role("link", name=name).first.click()
        for link in links:
            page.get_by_role("link", name=link).click()

    return go


def opened(page: Page) -> str:
    """The invitation, opened in a browser that is nobody's. Returns the e-mail address."""
    link = invite(page)
    page.context.clear_cookies(name="sid")
    page.goto(link)
    return page.get_by_label("You sign in as").input_value()


def refused(page: Page) -> None:
    opened(page)
    page.locator("#id_password1").fill("short")
    page.locator("#id_password2").fill("shorter")
    page.get_by_role("button", name="Save the password").click()


def joined(page: Page) -> str:
    """With a password, before the second step. Returns the e-mail address."""
    email = opened(page)
    page.locator("#id_password1").fill(PASSWORD)
    page.locator("#id_password2").fill(PASSWORD)
    page.get_by_role("button", name="Save the password").click()
    page.get_by_role("heading", name="Add a second step").wait_for()
    return email


def with_app(page: Page) -> tuple[str, str]:
    """With an app too, before the recovery codes. Returns the e-mail address and the app's key."""
    email = joined(page)
    page.get_by_role("link", name="An authenticator app").click()
    key = re.sub(r"\s", "", page.locator(".keys").inner_text())
    page.get_by_label("The code that the app shows").fill(code_of(key))
    page.get_by_role("button", name="Add the app").click()
    page.get_by_role("button", name="Show my codes").wait_for()
    return email, key


def with_codes(page: Page) -> tuple[str, str]:
    found = with_app(page)
    page.get_by_role("button", name="Show my codes").click()
    page.get_by_role("heading", name="Your recovery codes").wait_for()
    return found


def account(page: Page) -> None:
    with_codes(page)
    page.goto("/staff/me/")


def at_second_step(page: Page, *, code: str) -> None:
    """Back at the door: the password was right, the second step is asked for, and answered wrongly."""
    email, _ = with_app(page)
    page.context.clear_cookies(name="sid")
    page.goto("/staff/login/")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("heading", name="Now the second step").wait_for()
    page.get_by_label("Code").fill(code)
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("heading", name="There is a problem").wait_for()


def asked_again(page: Page) -> None:
    with_app(page)
    page.goto("/staff/reauthenticate/")


def code_of(key: str) -> str:
    """What an authenticator app shows now (RFC 6238)."""
    counter = (int(time.time()) // 30).to_bytes(8)
    digest = hmac.new(base64.b32decode(key), counter, "sha1").digest()
    start = digest[-1] & 15
    return f"{(int.from_bytes(digest[start : start + 4]) & 0x7FFFFFFF) % 1_000_000:06}"
