"""A text shared with one person, and ended: the patient's phone and the other person's browser, with and without JavaScript."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, expect

from accounts.services import set_pin
from aftercare.tenancy import tenant
from journal.services import keys
from tests.conftest import bind
from tests.world import World

PIN = "480913"
Open = Callable[..., Page]


@pytest.fixture(params=[True, False], ids=["with-js", "without-js"])
def open_browser(request: pytest.FixtureRequest, browser: Browser, server: str) -> Iterator[Open]:
    """open_browser(): one of its own, that nobody has used; open_browser(sid=…) is signed in."""
    contexts: list[BrowserContext] = []

    def make(sid: str = "") -> Page:
        context = browser.new_context(
            base_url=server,
            java_script_enabled=request.param,
            service_workers="block",
            viewport={"width": 390, "height": 844},
        )
        if sid:
            context.add_cookies([{"name": "sid", "value": sid, "url": server}])
        context.set_default_timeout(20_000)
        contexts.append(context)
        return context.new_page()

    yield make
    for context in contexts:
        context.close()


@pytest.fixture
def phone(open_browser: Open, world: World) -> Page:
    """The phone of a patient who has a PIN."""
    keys._trusted.clear()
    with tenant(world.clinic.pk):
        set_pin(world.patient, PIN)
    return open_browser(sid=bind(Client(), world).cookies["sid"].value)


def write(page: Page, text: str) -> None:
    page.goto("/words/")
    page.get_by_label("Your words").fill(text)
    page.get_by_role("button", name="Keep this").click()
    expect(page.get_by_text("It is kept.")).to_be_visible()


def share(page: Page, *, whom: str) -> tuple[str, str]:
    """The newest text, after the PIN: the path of the link, and the code."""
    page.goto("/words/open/?next=/words/read/")
    page.locator("#id_known_pin").fill(PIN)
    page.get_by_role("button", name="Open it").click()
    page.locator("main a[href*='/words/read/']").first.click()
    page.get_by_role("link", name="Share it with one person").click()
    page.locator("[name=whom]").fill(whom)
    page.get_by_role("button", name="Make the link").click()
    link = page.locator("#link").input_value()
    return link[link.index("/shared/") :], page.locator(".door-word__word").inner_text()


def type_code(guest: Page, code: str) -> None:
    guest.locator("[name=code]").fill(code)
    guest.get_by_role("button", name="Open the page").click()


def ended(guest: Page, text: str) -> None:
    expect(guest.get_by_role("heading", name="This page can not be opened")).to_be_visible()
    assert text not in guest.content()


def test_a_text_is_read_by_whom_it_is_for_until_the_patient_ends_it(phone: Page, open_browser: Open) -> None:
    text = f"{uuid4().hex} The river was wide."
    write(phone, text)
    path, code = share(phone, whom="Noor")

    guest = open_browser()
    guest.goto(path)
    expect(guest.get_by_role("heading", name="Somebody wants to show you a page")).to_be_visible()
    assert text not in guest.content()
    wrong = ("1" if code[0] == "0" else "0") + code[1:]
    type_code(guest, wrong)
    expect(guest.get_by_role("heading", name="There is a problem")).to_be_visible()
    assert text not in guest.content()
    type_code(guest, code)
    expect(guest.get_by_text(text)).to_be_visible()
    guest.reload()
    expect(guest.get_by_text(text)).to_be_visible()

    phone.get_by_role("link", name="See what you share").click()
    expect(phone.get_by_text("A wrong code was typed once.")).to_be_visible()
    phone.get_by_role("button", name="End it now").click()
    expect(phone.get_by_text("It is ended. The link opens nothing now.")).to_be_visible()

    guest.reload()
    ended(guest, text)
    guest.goto(path)
    ended(guest, text)
