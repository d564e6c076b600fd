"""The whole way around a visit, three people at once: from the invitation to "home safe", with and without JavaScript."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.journeys.test_main_job import DESK, PHONE, be, correct
from tests.stack import Stack

PIN = "480913"
Find = Callable[[Page], Locator]
# What one of them does is on the others' open pages within this many seconds.
SEEN_WITHIN = 10.0


@dataclass
class Day:
    """Three browsers at once, and how long each change took to be seen by somebody else."""

    nurse: Page
    desk: Page
    patient: Page
    escort: Page
    is_live: bool
    address: str = ""
    care: str = ""
    name: str = ""
    took: dict[str, float] = field(default_factory=dict)

    def row(self, page: Page) -> Locator:
        return page.locator("tr", has_text=self.name)

    def on_board(self, said: str) -> Find:
        return lambda page: self.row(page).get_by_text(said)

    def seen(self, what: str, *pages: tuple[Page, Find]) -> None:
        """The others see it: by themselves with JavaScript, after a reload without."""
        began = time.monotonic()
        for page, find in pages:
            if not self.is_live:
                page.reload()
            expect(find(page)).to_be_visible(timeout=(SEEN_WITHIN + 1) * 1000)
        self.took[what] = time.monotonic() - began


@pytest.fixture(params=[True, False], ids=["with-js", "without-js"])
def day(request: pytest.FixtureRequest, browser: Browser, stack: Stack) -> Iterator[Day]:
    contexts: list[BrowserContext] = []

    def opened(screen: Mapping[str, object]) -> BrowserContext:
        context = browser.new_context(base_url=stack.url, java_script_enabled=request.param, **screen)  # type: ignore[arg-type]
        context.set_default_timeout(10_000)
        contexts.append(context)
        return context

    staff, phone, theirs = opened(DESK), opened(PHONE), opened(PHONE)
    yield Day(staff.new_page(), staff.new_page(), phone.new_page(), theirs.new_page(), is_live=request.param)
    for context in contexts:
        context.close()


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).first.click()


def pick(page: Page, group: str, answer: str) -> None:
    page.get_by_role("group", name=group).get_by_role("radio", name=answer, exact=True).check()


def invited(day: Day) -> str:
    """A patient with a planned visit, and the code of an invitation that the nurse reads out. Returns the patient's page."""
    nurse = day.nurse
    be(nurse, "nurse")
    nurse.goto("/staff/patients/add/")
    for label, words in (
        ("First name", "Ines"),
        ("Last name", f"Marlow {time.time_ns() % 100_000}"),
        ("Record number", f"A-{time.time_ns()}"),
        ("Date of birth", "1988-03-09"),
        ("Mobile number", f"+1212555{time.time_ns() // 1000 % 10_000:04}"),
    ):
        nurse.get_by_label(label).fill(words)
    nurse.get_by_label("Protocol").select_option(label="IV ketamine")
    press(nurse, "Save the patient and the visit")
    address = nurse.url
    nurse.get_by_role("link", name="Invite").click()
    press(nurse, "Make the invitation")
    code, patient = nurse.locator(".qr__code-words").inner_text(), day.patient
    patient.goto("/welcome/")
    patient.get_by_label("Your code").fill(code)
    press(patient, "Go on")
    patient.locator("#id_pin").fill(PIN)
    patient.locator("#id_again").fill(PIN)
    press(patient, "Set up this phone")
    expect(patient.get_by_role("heading", level=1)).to_have_text("Before your visit")
    return address


def part(page: Page, title: str) -> None:
    page.goto("/set-up/")
    page.get_by_role("link", name=title).click()


def set_up(page: Page) -> None:
    """All parts before the visit, as a patient would who fills in each one."""
    part(page, "What you agree to")
    page.get_by_label("Yes, I agree").check()
    press(page, "Save and go on")
    part(page, "How we reach you")
    pick(page, "May we text you?", "Yes, text me")
    press(page, "Save and send me a test")
    press(page, "It came")
    part(page, "Your clock and quiet hours")
    press(page, "Save and go on")
    part(page, "Light or dim")
    press(page, "Save and go on")
    part(page, "Who drives and who stays")
    page.locator("[name=driver]").fill("Jo")
    for field_name, answer in (("stayer", "same"), ("ask_stayer", "yes"), ("naming", "name")):
        page.locator(f"[name={field_name}][value={answer}]").check()
    press(page, "Save and go on")
    press(page, "Make the link for Jo")
    part(page, "Where you are that night")
    page.get_by_label("Where will you sleep?").fill("12 Mill Lane")
    pick(page, "Will you be alone that night?", "No, somebody will be there")
    press(page, "Save and go on")
    part(page, "A few facts about you")
    for group in page.get_by_role("group").all():
        group.get_by_role("radio", name="No", exact=True).check()
    press(page, "Save and go on")
    part(page, "Food, drink and your pills")
    press(page, "I have read it")
    part(page, "Get your home ready")
    page.get_by_role("checkbox").first.check()
    press(page, "Save and go on")


def test_from_the_invitation_to_home_safe(day: Day) -> None:
    day.address = invited(day)
    day.name = day.nurse.get_by_role("heading", level=1).inner_text().removeprefix("Invite ")
    set_up(day.patient)
    for stage in (
        the_escort_says_yes,
        the_visit_begins,
        the_treatment_ends,
        the_escort_comes,
        both_tick,
        the_patient_leaves,
        they_are_home,
    ):
        stage(day)
    print({what: round(seconds, 1) for what, seconds in day.took.items()})
    if day.is_live:
        assert max(day.took.values()) < SEEN_WITHIN


def the_escort_says_yes(day: Day) -> None:
    """Nothing is filled in for them: a mail scanner that presses the button changes nothing."""
    day.desk.goto("/staff/")
    expect(day.row(day.desk)).to_contain_text("Asked")
    day.patient.goto("/set-up/people/")
    day.escort.goto(day.patient.get_by_label("The link for Jo", exact=True).input_value())
    press(day.escort, "Yes, I will help")
    expect(day.escort.get_by_text("Type your first name.").first).to_be_visible()
    day.escort.get_by_label("Your first name").fill("Jo")
    press(day.escort, "Yes, I will help")
    expect(day.escort.get_by_role("heading", level=1)).to_have_text("Picking up Ines")
    day.seen("confirmed", (day.desk, day.on_board("Confirmed")), (day.patient, words("Jo said yes")))


def the_visit_begins(day: Day) -> None:
    """And the phone is bound face to face."""
    nurse, patient = day.nurse, day.patient
    nurse.goto(day.address)
    nurse.get_by_role("link", name="Start the visit").click()
    nurse.get_by_label("Assessed on").fill(f"{datetime.now(UTC) - timedelta(days=7):%Y-%m-%d}")
    nurse.get_by_label("Assessed by").fill("Ana Ruiz, MD")
    press(nurse, "Start the visit")
    day.seen("in treatment", (day.escort, words("Ines is with the nurse now.")))
    nurse.goto(day.address)
    press(nurse, "Set up the phone")
    patient.goto("/welcome/")
    patient.get_by_label("Your code").fill(nurse.locator(".qr__code-words").inner_text())
    press(patient, "Go on")
    patient.locator("#id_pin").fill(PIN)
    patient.locator("#id_again").fill(PIN)
    press(patient, "Set up this phone")
    expect(patient.get_by_role("heading", level=1)).to_have_text("Let it come and go")
    nurse.goto(day.address)
    nurse.locator("a[href$='/care/']").first.click()
    nurse.get_by_role("button", name="Tick: Quiet room").click()
    expect(nurse.locator(".tick.is-done", has_text="Quiet room")).to_be_visible()
    day.care = nurse.url.partition("care/")[0] + "care/"


def the_treatment_ends(day: Day) -> None:
    """When they will be ready is said once, and the escort sees it."""
    day.nurse.goto(day.address)
    day.nurse.get_by_role("link", name="End the treatment").click()
    press(day.nurse, "End the treatment")
    day.seen("resting", (day.escort, words("Ines is resting now.")))
    day.nurse.goto(day.care)
    quarter = day.nurse.locator("#ready button[name=ready]").first
    said = quarter.inner_text()
    quarter.click()
    day.seen("ready about", (day.escort, words(f"Ready about {said}")))


def the_escort_comes(day: Day) -> None:
    press(day.escort, "I’m on my way")
    day.seen("on the way", (day.nurse, at_the_door("On the way")), (day.desk, day.on_board("On the way")))
    press(day.escort, "I’m outside")
    day.seen("outside", (day.nurse, at_the_door("Waits outside")), (day.desk, day.on_board("Waits outside")))
    word = day.escort.locator(".door-word__word").inner_text()
    day.nurse.get_by_label("Door word").fill("not the word")
    press(day.nurse, "Check it")
    expect(day.nurse.get_by_role("heading", name="There is a problem")).to_be_visible()
    expect(day.nurse.get_by_label("Door word")).to_have_value("not the word")
    day.nurse.get_by_label("Door word").fill(f" {word.upper()} ")
    press(day.nurse, "Check it")
    expect(day.nurse.get_by_text("The door word was right.")).to_be_visible()


def both_tick(day: Day) -> None:
    """The escort their duties, the nurse the readings and each item of the list."""
    day.escort.locator("#duty-inside").check()
    if not day.is_live:
        press(day.escort, "Save my list")
    expect(day.escort.get_by_text("1 of 13 done").first).to_be_visible()
    for moment, systolic in (("before", "128"), ("leaving", "124")):
        form = day.nurse.locator("#reading-form")
        form.locator(f"[name=moment][value={moment}]").check()
        form.locator("[name=systolic]").fill(systolic)
        form.locator("[name=diastolic]").fill("80")
        press(day.nurse, "Write it down")
        expect(day.nurse.locator(".readings")).to_contain_text(f"{systolic}/80")
    day.nurse.goto(day.address)
    correct(day.nurse, hour_zero=datetime.now(UTC) - timedelta(hours=2, minutes=5))
    day.nurse.goto(day.care)
    rows = day.nurse.locator(".tick:not(.is-done) > form > button.tick__row >> visible=true")
    while left := rows.count():
        rows.first.click()
        expect(rows).to_have_count(left - 1)


def the_patient_leaves(day: Day) -> None:
    day.nurse.get_by_role("link", name="The patient has left").click()
    day.nurse.get_by_label("Medicines for tonight, as you reviewed them").fill("Nothing new tonight")
    press(day.nurse, "Record that the patient left")
    day.seen("left", (day.escort, words("Are you home?")))


def they_are_home(day: Day) -> None:
    """The board sees it, the night page opens, and the patient's day goes on."""
    press(day.escort, "We are home safe")
    day.seen("home safe", (day.desk, day.on_board("Home safe")))
    day.escort.goto("/pickup/tonight/")
    expect(day.escort.get_by_role("heading", level=1)).to_be_visible()
    day.patient.goto("/")
    expect(day.patient.locator(".eyebrow")).to_contain_text("Hour")


def words(said: str) -> Find:
    return lambda page: page.get_by_text(said).first


def at_the_door(said: str) -> Find:
    return lambda page: page.locator("#door").get_by_text(said)
