"""Every page, and how to come to it: the list that pictures and measurements are made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page

# Patients and their families read under a gate; staff do not.
PATIENT, STAFF = "patient", "staff"


@dataclass(frozen=True, slots=True)
class Screen:
    """One page. `who` is a key of the demo's start page, or "" for a stranger; `go` opens it from anywhere."""

    name: str
    who: str
    go: Callable[[Page], object]
    audience: str = PATIENT


def at(path: str) -> Callable[[Page], object]:
    return lambda page: page.goto(path)


def posting(path: str, button: str, **fields: str) -> Callable[[Page], object]:
    """Opens a page, types and sends, as somebody would who makes a mistake."""

    def go(page: Page) -> None:
        page.goto(path)
        for name, words in fields.items():
            page.locator(f"[name={name}]").fill(words)
        with page.expect_navigation():
            page.get_by_role("button", name=button).click()

    return go


def of_patient(name: str, *links: str) -> Callable[[Page], object]:
    """A patient's page of the staff, and what its links and buttons open."""

    def go(page: Page) -> None:
        page.goto(f"/staff/patients/?q={name}")
        page.get_by_role("link", name=name).first.click()
        for link in links:
            page.get_by_role("link", name=link).or_(page.get_by_role("button", name=link)).first.click()
        page.wait_for_load_state()

    return go


def of_protocol(name: str, *links: str) -> Callable[[Page], object]:
    def go(page: Page) -> None:
        page.goto("/staff/protocols/")
        page.get_by_role("link", name=name).first.click()
        for link in links:
            page.get_by_role("link", name=link).or_(page.get_by_role("button", name=link)).first.click()
        page.wait_for_load_state()

    return go


def binding(page: Page, *, pins: tuple[str, str] | None = None) -> None:
    """The page of the new PIN: a nurse of the same browser makes the code, and it is typed."""
    page.goto("/start/")
    page.locator("button[name=who][value=nurse]").click()
    of_patient("Eli Abara", "Set up")(page)
    page.get_by_role("button", name="Show the code").or_(page.locator(".qr__code-words")).first.wait_for()
    code = page.locator(".qr__code-words").inner_text()
    page.context.clear_cookies(name="sid")
    page.goto("/welcome/")
    page.locator("[name=code]").fill(code)
    page.get_by_role("button", name="Go on").click()
    if pins:
        page.locator("#id_pin").fill(pins[0])
        page.locator("#id_again").fill(pins[1])
        page.get_by_role("button", name="Set up this phone").click()
    page.wait_for_load_state()


def help_open(page: Page) -> None:
    page.goto("/#help")


SCREENS = (
    Screen("start", "", at("/start/")),
    Screen("welcome", "", at("/welcome/")),
    Screen("welcome-error", "", posting("/welcome/", "Go on", code="AB")),
    Screen("bind", "", binding),
    Screen("bind-error", "", lambda page: binding(page, pins=("111111", "2"))),
    Screen("bind-gone", "", at("/bind/")),
    Screen("help", "", at("/help/")),
    Screen("phone", "", at("/phone/")),
    Screen("today-hour-1", "hour_1", at("/")),
    Screen("today-hour-5", "hour_5", at("/")),
    Screen("today-hour-20", "hour_20", at("/")),
    Screen("today-night", "night", at("/")),
    Screen("today-help", "hour_5", help_open),
    Screen("today-before", "planned", at("/")),
    Screen("today-during", "in_treatment", at("/")),
    Screen("today-wrap-up", "wrap_up", at("/")),
    Screen("today-days-after", "closed", at("/")),
    Screen("today-ended-badly", "badly", at("/")),
    Screen("today-cancelled", "cancelled", at("/")),
    Screen("today-no-visit", "new", at("/")),
    Screen("messages", "hour_20", at("/messages/")),
    Screen("messages-none", "new", at("/messages/")),
    *(
        Screen(f"error-{status}", "hour_5", at(f"/start/errors/{status}/"))
        for status in (400, 403, 404, 405, 413, 429, 500, 503)
    ),
    Screen("sign-in", "", at("/staff/login/"), STAFF),
    Screen("sign-in-error", "", posting("/staff/login/", "Sign in", login="a@example.org", password="x"), STAFF),
    Screen("board", "nurse", at("/staff/"), STAFF),
    Screen("patients", "nurse", at("/staff/patients/"), STAFF),
    Screen("patients-none", "nurse", at("/staff/patients/?q=nobody"), STAFF),
    Screen("patient", "nurse", of_patient("Luis Park"), STAFF),
    Screen("patient-planned", "nurse", of_patient("Ada Klein"), STAFF),
    Screen("patient-new", "nurse", of_patient("Eli Abara"), STAFF),
    Screen("patient-phone", "nurse", of_patient("Eli Abara", "Set up"), STAFF),
    Screen("patient-add", "front_desk", at("/staff/patients/add/"), STAFF),
    Screen(
        "patient-add-error",
        "front_desk",
        posting("/staff/patients/add/", "Save the patient", first_name="Nia", phone="12"),
        STAFF,
    ),
    Screen("visit-plan", "nurse", of_patient("Eli Abara", "Plan a visit"), STAFF),
    Screen("visit-start", "nurse", of_patient("Ada Klein", "Start the visit"), STAFF),
    Screen("visit-end", "nurse", of_patient("Noor Haddad", "End the treatment"), STAFF),
    Screen("visit-correct", "nurse", of_patient("Luis Park", "Correct hour 0"), STAFF),
    Screen("visit-ended-badly", "nurse", of_patient("Luis Park", "It ended badly"), STAFF),
    Screen("visit-cancel", "nurse", of_patient("Ada Klein", "Cancel the visit"), STAFF),
    Screen("visit-left", "nurse", of_patient("Maya Torres", "The patient has left"), STAFF),
    Screen("protocols", "clinician", at("/staff/protocols/"), STAFF),
    Screen("protocol", "clinician", of_protocol("IV ketamine"), STAFF),
    Screen("protocol-retire", "manager", of_protocol("IV ketamine", "Take it out of use"), STAFF),
    Screen("protocol-add", "clinician", at("/staff/protocols/add/"), STAFF),
    Screen(
        "protocol-add-error", "clinician", posting("/staff/protocols/add/", "Save", text="schema: 2\nkey: 7"), STAFF
    ),
)
