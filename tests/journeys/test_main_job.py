"""A nurse's click becomes a page in a patient's hand and a prompt that arrives once: with and without JavaScript."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.stack import Stack, wait_for

CLINIC_CLOCK = ZoneInfo("America/New_York")
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True, "device_scale_factor": 2}
DESK = {"viewport": {"width": 1280, "height": 800}}
Open = Callable[..., Page]


@pytest.fixture(params=[True, False], ids=["with-js", "without-js"])
def open_page(request: pytest.FixtureRequest, browser: Browser, stack: Stack) -> Iterator[Open]:
    """open_page(PHONE): a browser of its own, on that screen."""
    contexts: list[BrowserContext] = []

    def make(screen: dict[str, object]) -> Page:
        context = browser.new_context(base_url=stack.url, java_script_enabled=request.param, **screen)  # type: ignore[arg-type]
        context.set_default_timeout(10_000)
        contexts.append(context)
        return context.new_page()

    yield make
    for context in contexts:
        context.close()


def afternoon_zone(at: datetime) -> str:
    """A zone in which it is about three in the afternoon, so that no prompt of the next hours falls into the night."""
    offset = (15 - at.hour + 12) % 24 - 12
    return f"Etc/GMT{-offset:+d}" if offset else "Etc/GMT"


def be(page: Page, who: str) -> None:
    page.goto("/start/")
    page.locator(f"button[name=who][value={who}]").click()


def arrived(stack: Stack, number: str) -> list[str]:
    messages = httpx.get(f"{stack.env['SMS_BASE_URL']}/messages.json").json()
    return [message["body"] for message in messages if message["to"] == number]


def correct(nurse: Page, *, hour_zero: datetime) -> None:
    nurse.get_by_role("link", name="Correct hour 0").click()
    nurse.get_by_label("The true time").fill(f"{hour_zero.astimezone(CLINIC_CLOCK):%Y-%m-%dT%H:%M}")
    nurse.get_by_role("button", name="Save the true time").click()
    expect(nurse.get_by_text("Hour 0 is corrected.")).to_be_visible()


def test_from_a_nurses_click_to_a_prompt_that_arrives_once(
    open_page: Open, stack: Stack, request: pytest.FixtureRequest
) -> None:
    nurse, patient = open_page(DESK), open_page(PHONE)
    began = datetime.now(UTC)
    number = f"+1212555{time.time_ns() // 1000 % 10_000:04}"

    # staff add a patient, give a protocol, start with the assessment of a first visit, and end: two forms and a tap
    be(nurse, "nurse")
    nurse.goto("/staff/patients/add/")
    for label, words in (
        ("First name", "Nia"),
        ("Last name", "Bellweather"),
        ("Record number", f"J-{time.time_ns()}"),
        ("Date of birth", "1990-05-17"),
        ("Mobile number", number),
    ):
        nurse.get_by_label(label).fill(words)
    nurse.get_by_label("The patient agreed to text messages").check()
    nurse.get_by_label("The patient's time zone").select_option(afternoon_zone(began))
    nurse.get_by_label("Protocol").select_option(label="IV ketamine")
    nurse.get_by_role("button", name="Save the patient and the visit").click()
    nurse.get_by_role("link", name="Start the visit").wait_for()
    patient_url = nurse.url
    nurse.get_by_role("link", name="Start the visit").click()
    nurse.get_by_label("Assessed on").fill(f"{began - timedelta(days=7):%Y-%m-%d}")
    nurse.get_by_label("Assessed by").fill("Ana Ruiz, MD")
    nurse.get_by_role("button", name="Start the visit").click()
    expect(nurse.get_by_text("The visit has started.")).to_be_visible()

    # the phone is bound face to face
    nurse.goto(patient_url)
    nurse.get_by_role("button", name="Set up the phone").click()
    code = nurse.locator(".qr__code-words").inner_text()
    patient.goto("/welcome/")
    patient.get_by_label("Your code").fill(code.lower().replace("-", " "))
    patient.get_by_role("button", name="Go on").click()
    patient.locator("#id_pin").fill("482913")
    patient.locator("#id_again").fill("482913")
    patient.get_by_role("button", name="Set up this phone").click()
    expect(patient.get_by_role("heading", level=1)).to_have_text("Let it come and go")

    # hour 0
    nurse.goto(patient_url)
    nurse.get_by_role("link", name="End the treatment").click()
    nurse.get_by_role("button", name="End the treatment").click()
    expect(nurse.get_by_text("The treatment has ended.")).to_be_visible()
    patient.reload()
    expect(patient.locator(".eyebrow")).to_have_text("Hour 1 of 24: coming back")
    assert arrived(stack, number) == []

    # hour 0 in the past: what is due leaves through the real worker, once
    correct(nurse, hour_zero=began - timedelta(hours=4, minutes=2))
    assert wait_for(lambda: len(arrived(stack, number)) > 0, seconds=15), stack.said()[-4000:]
    patient.reload()
    expect(patient.locator(".eyebrow")).to_have_text("Hour 5 of 24: settling in")
    patient.get_by_role("link", name="Messages", exact=True).click()
    expect(patient.get_by_text("How are you now?").first).to_be_visible()

    # a correction by 40 minutes: nothing is sent twice
    correct(nurse, hour_zero=began - timedelta(hours=4, minutes=42))
    time.sleep(5)
    (text,) = arrived(stack, number)
    assert text.startswith("Cedar Street: a short check-in is ready for you.")
    nurse.reload()
    row = nurse.locator("tr", has_text="How are you now?")
    expect(row).to_contain_text("Sent")


def test_a_small_step_is_done_and_taken_back(open_page: Open) -> None:
    page = open_page(PHONE)
    be(page, "hour_5")
    step = page.locator("#step")
    title = step.get_by_role("heading").inner_text()
    page.get_by_role("button", name="I did it").click()
    expect(step.get_by_role("heading")).to_have_text("Done")
    expect(step).to_contain_text(title)
    page.get_by_role("button", name="Undo").click()
    expect(step.get_by_role("heading")).to_have_text(title)
    page.get_by_role("button", name="Not now").click()
    expect(step.get_by_role("heading")).to_have_text("That is fine. It can wait.")
    page.get_by_role("button", name="Undo").click()


def test_help_is_one_tap_away_and_one_tap_back(open_page: Open) -> None:
    page = open_page(PHONE)
    be(page, "night")
    page.get_by_role("link", name="Get help").click()
    expect(page.get_by_role("heading", name="Get help now")).to_be_in_viewport()
    assert page.locator("#help a[href='tel:911']").first.is_visible()
    assert page.locator("#help a[href='sms:988']").first.is_visible()
    page.get_by_role("link", name="Back").click()
    expect(page.locator("#now-h")).to_be_in_viewport()


def test_dim_is_one_tap_and_stays(open_page: Open) -> None:
    page = open_page(PHONE)
    be(page, "hour_20")
    page.get_by_role("button", name="Dim").click()
    assert page.locator("html").get_attribute("data-theme") == "dim"
    page.goto("/messages/")
    assert page.locator("html").get_attribute("data-theme") == "dim"


def test_texts_are_stopped_and_started_by_the_patient(open_page: Open) -> None:
    page = open_page(PHONE)
    be(page, "hour_20")
    page.goto("/messages/")
    page.get_by_role("button", name="Turn texts off").click()
    page.get_by_role("button", name="Turn texts on").click()
    expect(page.get_by_role("button", name="Turn texts off")).to_be_visible()


def test_what_staff_know_of_a_patient_is_noted_on_purpose(open_page: Open) -> None:
    page = open_page(DESK)
    be(page, "nurse")
    page.goto("/staff/patients/?q=Whitlow")
    page.get_by_role("link", name="Sam Whitlow").click()
    known = page.get_by_role("region", name="What we should know")
    known.get_by_role("link", name="Change it").click()
    page.get_by_label("Diabetes").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()
    expect(page.get_by_label("Diabetes")).to_be_checked()
    page.get_by_label("None of these").uncheck()
    page.get_by_role("button", name="Save").click()
    expect(known).to_contain_text("Diabetes")
    known.get_by_role("link", name="Change it").click()
    page.get_by_label("Diabetes").uncheck()
    page.get_by_label("None of these").check()
    page.get_by_role("button", name="Save").click()
    expect(known).to_contain_text("Nothing that changes the advice")
