"""How to come to the pages of somebody with a new phone, or with an invitation: codes are read where a person would."""

from __future__ import annotations

import re
from collections.abc import Callable
from secrets import randbelow

from playwright.sync_api import Locator, Page, expect

PIN = "480913"


def as_nurse(page: Page, name: str, *names: str) -> None:
    """Signs this browser in as the nurse, opens a patient, and presses or follows each of `names`."""
    page.goto("/start/")
    page.locator("button[name=who][value=nurse]").click()
    page.goto(f"/staff/patients/?q={name}")
    page.get_by_role("link", name=name).first.click()
    for each in names:
        page.get_by_role("link", name=each).or_(page.get_by_role("button", name=each)).first.click()
    page.wait_for_load_state()


def code_asked(phone: str = "", *, then: str = "") -> Callable[[Page], object]:
    """The page that asks for the code. Without a phone for a number that nobody has; `then` is typed as the code."""

    def go(page: Page) -> None:
        page.goto("/way-back/")
        page.locator("[name=phone]").fill(phone or f"212-555-{2000 + randbelow(8000)}")
        page.get_by_role("button", name="Send me a code").click()
        if then:
            page.locator("[name=code]").fill(then)
            page.get_by_role("button", name="Go on").click()
        page.wait_for_load_state()

    return go


def code_right(name: str, phone: str, *, pin: str = "", link: str = "") -> Callable[[Page], object]:
    """The page that asks for the PIN, after the code that the phone on the table shows. `link`: what is followed then."""

    def go(page: Page) -> None:
        before = _texts_with_code(page, name)
        code_asked(phone)(page)
        expect(_notes(page, name)).to_have_count(len(before) + 1, timeout=20_000)
        found = re.search(
            r"\b\d{3} ?\d{3}\b", next(text for text in _texts_with_code(page, name) if text not in before)
        )
        assert found
        page.goto("/way-back/code/")
        page.locator("[name=code]").fill(found[0])
        page.get_by_role("button", name="Go on").click()
        if pin:
            page.locator("[name=known_pin]").fill(pin)
            page.get_by_role("button", name="Open my pages here").click()
        if link:
            page.get_by_role("link", name=link).click()
        page.wait_for_load_state()

    return go


def on_another_phone(page: Page) -> None:
    """An escort's link that was answered before, in a browser that is nobody's yet."""
    page.goto("/start/")
    page.locator("button[name=who][value=escort]").click()
    page.goto("/pickup/")
    link = page.locator(".on-desk__link").first.text_content() or ""
    page.context.clear_cookies(name="sid")
    page.goto(link.strip())


def in_spanish(path: str, part: str = "") -> Callable[[Page], object]:
    """A page of an escort's, in the other language."""

    def go(page: Page) -> None:
        page.goto("/pickup/")
        if (switch := page.get_by_role("button", name="Español")).count():
            switch.click()
            page.wait_for_load_state()
        page.goto(path + part)

    return go


def stop_asked(*, press: bool = False) -> Callable[[Page], object]:
    """The page that an e-mail's last link opens; `press`: its button too, with no answer. The e-mail is a code."""

    def go(page: Page) -> None:
        code_asked("212-555-0116")(page)
        page.goto("/phone/")
        letter = page.locator(".lock__note", has_text="Noor Haddad").first
        letter.locator("summary").click(timeout=20_000)
        page.goto(letter.locator("a", has_text="/stop/").get_attribute("href") or "")
        if press:
            page.get_by_role("button", name="Save my answer").click()
        page.wait_for_load_state()

    return go


def _texts_with_code(page: Page, name: str) -> list[str]:
    return _notes(page, name).all_inner_texts()


def _notes(page: Page, name: str) -> Locator:
    """The texts with a code on the phone of this person, as the demo's phone page shows them."""
    if not page.url.endswith("/phone/"):
        page.goto("/phone/")
    return page.locator(".lock__note", has_text="your code is").filter(has_text=name)


def invited(name: str, *, pins: tuple[str, str] | None = None) -> Callable[[Page], object]:
    """The page of an invitation whose code a nurse of the same browser made; `pins` are typed there, and sent."""

    def go(page: Page) -> None:
        invitation_made(page, name)
        code = page.locator(".qr__code-words").inner_text()
        page.context.clear_cookies(name="sid")
        page.goto("/welcome/")
        page.locator("[name=code]").fill(code)
        page.get_by_role("button", name="Go on").click()
        page.wait_for_load_state()
        if pins:
            _type_pins(page, pins)

    return go


def invitation_made(page: Page, name: str = "Ada Klein") -> None:
    """The staff's page with a fresh invitation."""
    as_nurse(page, name, "Invite")
    make = page.get_by_role("button", name="Make the invitation")
    (make if make.count() else page.get_by_role("button", name="New invitation")).click()
    page.wait_for_load_state()


def invitation_asked(page: Page) -> None:
    """The staff's page before there is an invitation: the one before was used."""
    invited("Ada Klein", pins=(PIN, PIN))(page)
    as_nurse(page, "Ada Klein", "Invite")


def _type_pins(page: Page, pins: tuple[str, str]) -> None:
    """A new PIN twice; or once, where the patient picked it before."""
    if page.locator("#id_pin").count():
        page.locator("#id_pin").fill(pins[0])
        page.locator("#id_again").fill(pins[1])
    else:
        page.locator("#id_known_pin").fill(pins[0])
    page.get_by_role("button", name="Set up this phone").click()
    page.wait_for_load_state()


def new_number(name: str, *, to: str) -> Callable[[Page], object]:
    """The staff's page for a new number, sent once."""

    def go(page: Page) -> None:
        as_nurse(page, name, "New number")
        page.locator("[name=phone]").fill(to)
        page.get_by_role("button", name="Go on").click()
        page.wait_for_load_state()

    return go


def message_opened(*taps: str) -> Callable[[Page], object]:
    """The page of the newest message, after these buttons; one that is tapped already is left so."""

    def go(page: Page) -> None:
        page.goto("/messages/")
        page.locator(".post h3 a").first.click()
        for each in taps:
            button = page.get_by_role("button", name=re.compile(f"^{each}"))
            if button.count():
                button.click()
                button.wait_for(state="detached")
        page.wait_for_load_state()

    return go


def app_alone(page: Page) -> None:
    """The messages of somebody who wants them in the app alone, as that was saved."""
    page.goto("/messages/")
    page.get_by_label("Only in the app").check()
    page.get_by_role("button", name="Save this way").click()
    page.get_by_text("Saved. What waits goes this way now.").wait_for()
