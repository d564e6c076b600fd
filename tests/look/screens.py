"""Every page, and how to come to it: the list that pictures and measurements are made of.

A form stands here with what is wrong, where that page holds all of the plain one. A page that only shows another part of
a pack does not: what packs say is read in tests/timeline and tests/checkin.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page

from tests.look import (
    alert_ways,
    breathing,
    care_ways,
    check_ins,
    doors,
    logs,
    papers,
    private_words,
    set_up,
    sharing,
    two_weeks,
)
from tests.look.ways import (
    PIN,
    app_alone,
    code_asked,
    code_right,
    in_spanish,
    invitation_asked,
    invitation_made,
    invited,
    message_opened,
    new_number,
    on_another_phone,
    stop_asked,
)

# Patients and escorts read under a gate, escorts under the narrower one; staff do not.
PATIENT, ESCORT, STAFF = "patient", "escort", "staff"


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


def tapping(path: str, button: str, *, back: str) -> Callable[[Page], object]:
    """Opens a page and taps; first it takes back what an earlier look has tapped."""

    def go(page: Page) -> None:
        page.goto(path)
        undo = page.get_by_role("button", name=back)
        if undo.count():
            undo.click()
        page.get_by_role("button", name=button).click()
        page.get_by_role("button", name=back).wait_for()

    return go


def tapped_once(path: str, button: str) -> Callable[[Page], object]:
    """Opens a page and taps what an earlier look may have tapped for good."""

    def go(page: Page) -> None:
        page.goto(path)
        if page.get_by_role("button", name=button).count():
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


def none_and_more(page: Page) -> None:
    """Ticks what can't be true together, and saves."""
    of_patient("Luis Park", "Change it")(page)
    page.get_by_label("None of these").check()
    with page.expect_navigation():
        page.get_by_role("button", name="Save").click()


def binding(page: Page, *, pins: tuple[str, str]) -> None:
    """The page of the new PIN, sent with these: a nurse of the same browser makes the code, and it is typed."""
    page.goto("/start/")
    page.locator("button[name=who][value=nurse]").click()
    of_patient("Eli Abara", "Set up")(page)
    page.get_by_role("button", name="Show the code").or_(page.locator(".qr__code-words")).first.wait_for()
    code = page.locator(".qr__code-words").inner_text()
    page.context.clear_cookies(name="sid")
    page.goto("/welcome/")
    page.locator("[name=code]").fill(code)
    page.get_by_role("button", name="Go on").click()
    page.locator("#id_pin").fill(pins[0])
    page.locator("#id_again").fill(pins[1])
    page.get_by_role("button", name="Set up this phone").click()
    page.wait_for_load_state()


def losing(cookie: str, who: str, path: str, button: str, **fields: str) -> Callable[[Page], object]:
    """Somebody whose browser loses a cookie, "sid" or "csrf", between the page and the tap that sends its form."""

    def go(page: Page) -> None:
        if who:
            page.goto("/start/")
            page.locator(f"button[name=who][value={who}]").click()
        page.goto(path)
        for name, words in fields.items():
            page.locator(f"[name={name}]").fill(words)
        page.context.clear_cookies(name=cookie)
        page.get_by_role("button", name=button).first.click()
        page.locator("h1[data-autofocus]").wait_for()

    return go


NIA = {"first_name": "Nia", "last_name": "Bell", "record_number": "N-7", "born_on": "1990-05-17"}


def help_open(page: Page) -> None:
    page.goto("/#help")


SCREENS = (
    Screen("start", "", at("/start/")),
    Screen("welcome", "", at("/welcome/")),
    Screen("welcome-error", "", posting("/welcome/", "Go on", code="AB")),
    Screen("bind-error", "", lambda page: binding(page, pins=("111111", "2"))),
    Screen("bind-gone", "", at("/bind/")),
    Screen("way-back-error", "", posting("/way-back/", "Send me a code", phone="12")),
    Screen("way-back-over", "", at("/way-back/pin/")),
    Screen("way-back-code-error", "", code_asked(then="123456")),
    Screen("way-back-pin-error", "", code_right("Sam Whitlow", "212-555-0114", pin="190284")),
    Screen("way-back-new-pin", "", code_right("Ines Duarte", "212-555-0122", link="I have the card")),
    Screen(
        "way-back-card-error",
        "",
        posting("/way-back/card/", "Open my pages here", card_code="ABCD EFGH JKMN PQRS", known_pin=PIN),
    ),
    Screen("invitation-error", "", invited("Theo Brandt", pins=("123456", "1"))),
    Screen("invitation-gone", "", at("/invitation/")),
    Screen("set-up", "", invited("Ada Klein", pins=(PIN, PIN))),
    Screen("invitation-known", "", invited("Ada Klein")),
    Screen("set-up-full", "planned", at("/set-up/")),
    *(Screen(f"set-up-{name}", who, go) for name, who, go in set_up.PAGES),
    Screen("set-up-cancelled", "cancelled", at("/set-up/")),
    Screen("set-up-begun", "in_treatment", at("/set-up/")),
    Screen("home-list", "planned", at("/set-up/home/")),
    Screen("food-and-pills", "planned", at("/set-up/before/")),
    Screen("own-line-error", "planned", posting("/set-up/your-line/", "Keep this", line=" ")),
    Screen("own-line-kept", "planned", posting("/set-up/your-line/", "Keep this", line="Let the quiet last.")),
    Screen("own-line-read", "planned", at("/set-up/your-line/read/")),
    Screen("words-open-none", "planned", at("/words/open/")),
    Screen("words-open-error", "hour_20", posting("/words/open/", "Open it", known_pin="190284")),
    Screen("words-list", "hour_20", private_words.with_pin("/words/read/", writes=True)),
    Screen("words-list-none", "night", private_words.with_pin("/words/read/")),
    Screen("words-entry", "hour_20", private_words.with_pin("/words/read/", "*", writes=True)),
    Screen("words-remove", "hour_20", private_words.with_pin("/words/read/", "Take it away", writes=True)),
    Screen("words-openings", "hour_20", at("/words/openings/")),
    Screen("words-delete", "hour_20", at("/words/delete/")),
    Screen("your-data", "hour_5", at("/your-data/")),
    Screen("your-data-copy", "hour_5", at("/your-data/copy/")),
    Screen("your-data-delete", "hour_5", at("/your-data/delete/")),
    Screen("your-data-asked", "hour_1", tapped_once("/your-data/delete/", "Ask the clinic")),
    Screen("morning", sharing.READER, sharing.behind_the_pin("/words/morning/", writes=True)),
    Screen("morning-later", "hour_5", at("/words/morning/")),
    Screen("page-for-a-talk-form", sharing.READER, sharing.page_form),
    Screen("page-for-a-talk", sharing.READER, sharing.page_made),
    Screen("share", sharing.READER, sharing.share_asked),
    Screen("share-made", sharing.READER, sharing.share_made),
    Screen("shares", sharing.READER, sharing.shares),
    Screen("shared-error", "", sharing.as_guest(types="ABCD-2345")),
    Screen("shared", "", sharing.as_guest()),
    Screen("shared-over", "", at("/shared/AAAAAAAAAAAAAAAAAAAAAA/")),
    Screen("two-weeks", "planned", at("/set-up/two-weeks/")),
    Screen("two-weeks-questions", "planned", at("/set-up/two-weeks/2/")),
    Screen("two-weeks-error", "planned", two_weeks.sent(1, 2, None, 0, 1, 1, 0, None, 0)),
    Screen("two-weeks-error-help", "planned", two_weeks.sent(*[1] * 7, None, 1)),
    Screen("two-weeks-help-now", "planned", two_weeks.sent(*[1] * 9)),
    Screen("log", "wrap_up", at("/log/")),
    Screen("log-rests", "hour_5", at("/log/")),
    Screen("log-error", "wrap_up", logs.saved(mood=6)),
    Screen("log-kept", "closed", logs.saved(mood=6, sleep=4, worry=3)),
    Screen("log-now", "closed", logs.saved(mood=1, sleep=4, worry=8)),
    Screen("log-pace", "weeks", at("/log/how-often/")),
    Screen("two-weeks-after", "closed", at("/two-weeks/")),
    Screen("two-weeks-after-none", "hour_5", at("/two-weeks/")),
    Screen("home-card", "hour_5", at("/home-card/")),
    Screen("home-card-before", "planned", at("/home-card/")),
    Screen("pickup-join-error", "new_escort", posting("/pickup/", "Yes, I will help", said_name=""), ESCORT),
    Screen("pickup-list", "escort", at("/pickup/"), ESCORT),
    Screen("pickup-on-the-way", "escort", tapping("/pickup/", "I’m on my way", back="Undo"), ESCORT),
    Screen("pickup-cant-come", "escort", at("/pickup/cant-come/"), ESCORT),
    Screen("pickup-tonight", "escort", at("/pickup/tonight/"), ESCORT),
    Screen("pickup-stop", "escort", at("/pickup/stop/"), ESCORT),
    Screen("pickup-help", "escort", at("/pickup/#help"), ESCORT),
    Screen("pickup-who", "", on_another_phone, ESCORT),
    Screen("pickup-over", "", at("/f/AAAAAAAAAAAAAAAAAAAAAA/"), ESCORT),
    # Last of the escorts': a language that was picked stays.
    Screen("pickup-join-es", "new_escort", in_spanish("/pickup/"), ESCORT),
    Screen("pickup-list-es", "escort", in_spanish("/pickup/"), ESCORT),
    Screen("pickup-tonight-es", "escort", in_spanish("/pickup/tonight/"), ESCORT),
    Screen("pickup-help-es", "escort", in_spanish("/pickup/", "#help"), ESCORT),
    Screen("people", "hour_1", at("/set-up/people/")),
    Screen("people-error", "planned", posting("/set-up/people/", "Save and go on")),
    Screen("people-change", "hour_1", at("/set-up/people/?change=1")),
    Screen("phone-and-pin", "hour_5", at("/phone-and-pin/")),
    Screen(
        "change-pin-error",
        "hour_5",
        posting("/phone-and-pin/change/", "Change my PIN", known_pin="190284", pin=PIN, again=PIN),
    ),
    Screen("forgot-pin", "hour_5", at("/phone-and-pin/forgot/")),
    Screen("other-phones", "hour_5", at("/phone-and-pin/others/")),
    Screen("end-phone", "hour_5", at("/phone-and-pin/sign-out/")),
    Screen("help", "", at("/help/")),
    Screen("phone", "", at("/phone/")),
    Screen("breathe", "hour_5", at("/breathe/")),
    Screen("breathe-going", "hour_5", breathing.going),
    Screen("not-today-error", "hour_5", posting("/words/not-today/", "Put it away", line=" ")),
    Screen("not-today", "hour_5", posting("/words/not-today/", "Put it away", line="Tell my boss that I quit.")),
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
    Screen("check-in", "hour_5", at("/check-in/")),
    Screen("check-in-escort", "hour_5", at("/check-in/?by=other")),
    Screen("check-in-error", "hour_5", check_ins.nothing_picked),
    Screen("check-in-scale", "hour_5", check_ins.tapped(*check_ins.ACHE)),
    Screen("check-in-changed", "hour_5", check_ins.changed),
    Screen("check-in-done", "hour_5", check_ins.calm),
    Screen("check-in-call-back", "hour_5", check_ins.called_back),
    Screen("check-in-today", "hour_5", check_ins.to_the_end(*check_ins.QUEASY)),
    Screen("check-in-pressure-error", "hour_5", check_ins.measured("80", "120")),
    Screen("check-in-urgent", "hour_5", check_ins.tapped("I am not sure", path="/check-in/?by=other")),
    Screen("check-in-emergency", "hour_5", check_ins.tapped("Chest pain")),
    Screen("check-in-crisis", "hour_5", check_ins.tapped(*check_ins.LOW, "Yes, right now")),
    Screen("offline", "hour_5", at("/offline/4/")),
    Screen("staff-check-in-question", "nurse", check_ins.by_phone("None of these"), STAFF),
    Screen("staff-check-in-urgent", "nurse", check_ins.by_phone("I am not sure"), STAFF),
    Screen("staff-check-in-by-escort", "nurse", of_patient("Grace Adeyemi", "How they feel now"), STAFF),
    Screen("thresholds-error", "clinician", posting("/staff/thresholds/", "Save", fear_high="99"), STAFF),
    Screen("visit-settings-error", "clinician", posting("/staff/visits/settings/", "Save", first="1"), STAFF),
    Screen("learn", "hour_5", at("/learn/")),
    Screen("learn-night", "night", at("/learn/")),
    Screen("learn-none", "new", at("/learn/")),
    Screen("learn-changed", "badly", at("/learn/")),
    *(Screen(f"learn-card-{key}", "hour_5", at(f"/learn/{key}/")) for key in ("settle", "call", "quiet")),
    Screen("weeks", "weeks", at("/weeks/")),
    Screen("weeks-all", "weeks", at("/weeks/?span=course")),
    Screen("weeks-none", "new", at("/weeks/")),
    Screen("staff-weeks", "nurse", of_patient("Lena Fischer", "The weeks"), STAFF),
    Screen("staff-weeks-not-shared", "nurse", of_patient("Theo Brandt", "The weeks"), STAFF),
    Screen("words", "hour_5", at("/words/")),
    Screen("words-error", "hour_5", posting("/words/", "Keep this")),
    Screen("words-kept", "hour_5", at("/words/?kept=1")),
    Screen("messages", "hour_20", at("/messages/")),
    Screen("message", "hour_5", message_opened()),
    Screen("message-tapped", "hour_5", message_opened("Fewer", "Pause")),
    Screen("message-gone", "new", at("/m/1/")),
    Screen("messages-none", "closed", at("/messages/")),
    Screen("messages-note", "weeks", at("/messages/")),
    Screen("messages-app-alone", "in_treatment", app_alone),
    Screen("messages-clock", "hour_20", at("/messages/clock/")),
    Screen("stop-emails", "", stop_asked(press=True)),
    Screen("stop-emails-broken", "", at("/stop/forged/")),
    *(
        Screen(f"error-{status}", "hour_5", at(f"/start/errors/{status}/"))
        for status in (400, 403, 404, 405, 413, 415, 422, 429, 500, 503)
    ),
    Screen("error-staff", "nurse", at("/start/errors/404/"), STAFF),
    Screen("held-form", "", losing("csrf", "hour_5", "/", "Not now")),
    Screen("held-form-phone-gone", "", losing("sid", "hour_5", "/", "Not now")),
    Screen("held-form-secret", "", losing("csrf", "", "/welcome/", "Go on", code="ABCD-2345")),
    Screen("held-form-staff", "", losing("csrf", "front_desk", "/staff/patients/add/", "Save", **NIA), STAFF),
    Screen("held-form-signed-out", "", losing("sid", "front_desk", "/staff/patients/add/", "Save", **NIA), STAFF),
    Screen("sign-in", "", at("/staff/login/"), STAFF),
    Screen("sign-in-error", "", posting("/staff/login/", "Sign in", login="a@example.org", password="x"), STAFF),
    Screen("sign-in-second-step-error", "", lambda page: doors.at_second_step(page, code="000000"), STAFF),
    Screen("sign-in-again", "", doors.asked_again, STAFF),
    Screen("join-error", "", doors.refused, STAFF),
    Screen("join-gone", "", at("/staff/join/x/"), STAFF),
    Screen("second-step-first", "", doors.joined, STAFF),
    Screen("second-step", "nurse", at("/staff/me/second-step/"), STAFF),
    Screen("second-step-passkey", "nurse", at("/staff/me/second-step/passkey/"), STAFF),
    Screen(
        "second-step-app-error", "nurse", posting("/staff/me/second-step/app/", "Add the app", code="000000"), STAFF
    ),
    Screen("recovery-codes", "", doors.with_app, STAFF),
    Screen("recovery-codes-shown", "", doors.with_codes, STAFF),
    Screen("my-account", "nurse", at("/staff/me/"), STAFF),
    Screen("my-account-with-steps", "", doors.account, STAFF),
    Screen("team", "manager", at("/staff/team/"), STAFF),
    Screen(
        "invite-staff-error", "manager", posting("/staff/team/invite/", "Make the link", name="Ivo", email="ivo"), STAFF
    ),
    Screen("staff-link", "", doors.invite, STAFF),
    Screen("team-member", "manager", doors.of_member("Dana Reyes"), STAFF),
    Screen("change-role", "manager", doors.of_member("Dana Reyes", "Change the role"), STAFF),
    Screen("deactivate-staff", "manager", doors.of_member("Dana Reyes", "Take away access"), STAFF),
    Screen("board", "nurse", at("/staff/"), STAFF),
    Screen("alerts", "front_desk", at("/staff/alerts/"), STAFF),
    Screen("alerts-none", "other_nurse", at("/staff/alerts/"), STAFF),
    Screen("alerts-stale", "other_nurse", alert_ways.stale, STAFF),
    Screen("alert-open", "nurse", alert_ways.of_alert(alert_ways.OPEN), STAFF),
    Screen("alert-over", "manager", alert_ways.of_alert(alert_ways.OVER), STAFF),
    Screen("alert-close-error", "nurse", alert_ways.of_alert(alert_ways.TAKEN, button="Close it"), STAFF),
    Screen("alert-call-error", "front_desk", alert_ways.of_alert(alert_ways.OPEN, button="Write it down"), STAFF),
    Screen("on-call", "manager", at("/staff/on-call/"), STAFF),
    Screen("on-call-seen", "front_desk", at("/staff/on-call/"), STAFF),
    Screen("shift-add-error", "clinician", posting("/staff/on-call/add/", "Save the shift"), STAFF),
    Screen("shift-end", "manager", alert_ways.ending_a_shift, STAFF),
    Screen("my-phone-error", "nurse", posting("/staff/me/phone/", "Save my number", phone="12"), STAFF),
    Screen("procedures", "clinician", at("/staff/procedures/"), STAFF),
    Screen("day-sheet", "front_desk", of_patient("Luis Park", "Day sheet"), STAFF),
    Screen("day-sheet-before", "front_desk", of_patient("Ada Klein", "Day sheet"), STAFF),
    Screen("summary", "nurse", of_patient("Luis Park", "Summary"), STAFF),
    Screen("summary-badly", "nurse", of_patient("Iris Nakamura", "Summary"), STAFF),
    Screen("downtime", "front_desk", at("/staff/downtime/"), STAFF),
    Screen("log-contact-error", "nurse", papers.of_call("Mei Tanaka", "Write it down"), STAFF),
    Screen("form-sent", "front_desk", papers.of_form("Luis Park"), STAFF),
    Screen("tonight", "nurse", of_patient("Grace Adeyemi", "where they are tonight"), STAFF),
    Screen("staff-messages", "nurse", of_patient("Mei Tanaka", "Each message and try"), STAFF),
    Screen("patients", "nurse", at("/staff/patients/"), STAFF),
    Screen("patients-none", "nurse", at("/staff/patients/?q=nobody"), STAFF),
    Screen("patient", "nurse", of_patient("Luis Park"), STAFF),
    Screen("patient-planned", "nurse", of_patient("Ada Klein"), STAFF),
    Screen("patient-new", "nurse", of_patient("Eli Abara"), STAFF),
    Screen("patient-under-way", "nurse", of_patient("Noor Haddad"), STAFF),
    Screen("patient-history", "nurse", of_patient("Ruth Okafor", "Change it"), STAFF),
    Screen("patient-history-error", "nurse", none_and_more, STAFF),
    Screen("patient-assessment", "nurse", of_patient("Luis Park", "Correct the assessment"), STAFF),
    Screen("patient-phone", "nurse", of_patient("Eli Abara", "Set up"), STAFF),
    Screen("patient-card-ask", "nurse", of_patient("Luis Park", "Card for a lost phone"), STAFF),
    Screen("patient-card", "nurse", of_patient("Luis Park", "Card for a lost phone", "Make the card"), STAFF),
    Screen("patient-number-error", "", new_number("Luis Park", to="12"), STAFF),
    Screen("patient-number-sure", "", new_number("Luis Park", to="212-555-0199"), STAFF),
    Screen("visit-invite", "", invitation_made, STAFF),
    Screen("visit-invite-ask", "", invitation_asked, STAFF),
    Screen(
        "patient-add-error",
        "front_desk",
        posting("/staff/patients/add/", "Save the patient", first_name="Nia", phone="12"),
        STAFF,
    ),
    Screen("visit-plan", "nurse", of_patient("Eli Abara", "Plan a visit"), STAFF),
    Screen("visit-start", "nurse", of_patient("Theo Brandt", "Start the visit"), STAFF),
    Screen("visit-start-assessment", "nurse", of_patient("Ada Klein", "Start the visit"), STAFF),
    Screen("visit-end", "nurse", of_patient("Noor Haddad", "End the treatment"), STAFF),
    Screen("visit-given", "nurse", of_patient("Maya Torres", "what else was given"), STAFF),
    Screen("visit-correct", "nurse", of_patient("Luis Park", "Correct hour 0"), STAFF),
    Screen("visit-ended-badly", "nurse", of_patient("Luis Park", "It ended badly"), STAFF),
    Screen("care", "nurse", of_patient("Maya Torres", "At the clinic"), STAFF),
    Screen("care-before", "nurse", of_patient("Ada Klein", "At the clinic"), STAFF),
    Screen("care-under-way", "nurse", of_patient("Noor Haddad", "At the clinic"), STAFF),
    Screen("care-line", "nurse", care_ways.line_open, STAFF),
    Screen("care-door", "nurse", care_ways.wrong_word, STAFF),
    Screen("care-reading-error", "nurse", care_ways.slip, STAFF),
    Screen("care-driver", "nurse", care_ways.at_door("Name somebody else"), STAFF),
    Screen("care-link", "nurse", care_ways.at_door("A new link"), STAFF),
    Screen("care-link-shown", "nurse", care_ways.at_door("A new link", "Show a new link"), STAFF),
    Screen("visit-left", "nurse", of_patient("Maya Torres", "The patient has left"), STAFF),
    Screen("visit-left-anyway-error", "clinician", care_ways.undecided, STAFF),
    Screen("protocols", "clinician", at("/staff/protocols/"), STAFF),
    Screen("protocol", "clinician", of_protocol("IV ketamine"), STAFF),
    Screen("protocol-retire", "manager", of_protocol("IV ketamine", "Take it out of use"), STAFF),
    Screen(
        "protocol-add-error", "clinician", posting("/staff/protocols/add/", "Save", text="schema: 2\nkey: 7"), STAFF
    ),
)
