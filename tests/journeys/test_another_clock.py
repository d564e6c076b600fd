"""A phone in another place: the page asks by itself whether messages follow it, and changes nothing without a tap."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, expect

from accounts.models import Patient
from aftercare.tenancy import tenant
from prompts.models import Prompt
from prompts.states import PromptState
from tests.conftest import bind
from tests.journeys.test_main_job import PHONE
from tests.prompts.conftest import agree
from tests.reading import grade
from tests.world import World
from timeline.models import Treatment

ASKS = "Your phone goes by another clock"
Phone = Callable[..., Page]
# As where the server knew this zone.
_LOOKS_AT = """(zone) => {
  document.querySelector("[data-clock]").dataset.clock = zone;
  document.dispatchEvent(new Event("htmx:after:settle"));
}"""


@pytest.fixture
def came(world: World) -> Prompt:
    """A message that has come, of a visit that runs by the clock of New York."""
    hour_zero = timezone.now() - timedelta(hours=4)
    with tenant(world.clinic.pk):
        agree(world)
        visit = world.treatment(hour_zero=hour_zero, plan_number=1)
        at = hour_zero + timedelta(hours=1)
        return world.prompt(visit, step="home", due_at=at, sent_at=at, state=PromptState.SENT)


@pytest.fixture
def phone_in(browser: Browser, server: str, world: World) -> Iterator[Phone]:
    """phone_in("Asia/Tokyo"): the patient's phone, on the clock of that place."""
    contexts: list[BrowserContext] = []

    def make(zone: str, *, has_script: bool = True) -> Page:
        phone = bind(Client(), world)
        context = browser.new_context(
            base_url=server, timezone_id=zone, java_script_enabled=has_script, service_workers="block", **PHONE  # type: ignore[arg-type]
        )  # fmt: skip
        contexts.append(context)
        context.add_cookies([{"name": "sid", "value": phone.cookies["sid"].value, "url": server}])
        return context.new_page()

    yield make
    for context in contexts:
        context.close()


def zones(world: World) -> tuple[str, str]:
    """The patient's, and that of the visit."""
    with tenant(world.clinic.pk):
        return Patient.objects.get().zone, Treatment.objects.get().zone


def test_the_page_asks_and_messages_follow_at_a_tap(phone_in: Phone, world: World, came: Prompt) -> None:
    page = phone_in("Asia/Tokyo")
    for path in ("/messages/", f"/m/{came.pk}/"):
        page.goto(path)
        asks = page.get_by_role("link", name=ASKS)
        expect(asks).to_be_visible()
        assert grade(asks.inner_text()) <= 6
    # It asks still, once a part of the page was swapped.
    page.get_by_role("button", name="Fewer").click()
    expect(page.get_by_role("button", name="Undo: Fewer messages")).to_be_focused()
    expect(asks).to_be_visible()
    asks.click()
    page.wait_for_url(re.compile("/messages/clock/$"))
    expect(page.locator("#id_zone")).to_have_value("Asia/Tokyo")
    assert zones(world) == ("America/New_York", "America/New_York")
    page.get_by_role("button", name="Save my clock").click()
    expect(page.get_by_text("Your clock is set.")).to_be_visible()
    expect(asks).to_be_hidden()
    assert zones(world) == ("Asia/Tokyo", "Asia/Tokyo")


# Toronto is another place, on the same clock all year.
@pytest.mark.parametrize("zone", ["America/New_York", "America/Toronto"])
def test_where_the_phone_shows_the_same_time_nothing_is_asked(phone_in: Phone, came: Prompt, zone: str) -> None:
    page = phone_in(zone)
    for path in ("/messages/", f"/m/{came.pk}/"):
        page.goto(path, wait_until="load")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        expect(page.locator("[data-clock]")).to_be_hidden()


def test_a_visit_that_runs_by_another_clock_than_the_patients_own_is_asked_about(
    phone_in: Phone, world: World, came: Prompt
) -> None:
    with tenant(world.clinic.pk):
        Patient.objects.update(zone="Asia/Tokyo")
    page = phone_in("Asia/Tokyo")
    page.goto("/messages/")
    expect(page.get_by_role("link", name=ASKS)).to_be_visible()


def test_without_a_script_or_with_a_zone_that_it_does_not_know_the_page_stays_as_it_was(
    phone_in: Phone, world: World, came: Prompt
) -> None:
    page = phone_in("Asia/Tokyo", has_script=False)
    page.goto("/messages/")
    expect(page.get_by_role("link", name=ASKS)).to_be_hidden()
    expect(page.get_by_role("link", name="My clock has changed")).to_be_visible()
    page = phone_in("Asia/Tokyo")
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto("/messages/")
    expect(page.get_by_role("link", name=ASKS)).to_be_visible()
    page.evaluate(_LOOKS_AT, "Mars/Base")
    page.evaluate(_LOOKS_AT, "Asia/Tokyo")
    expect(page.get_by_role("link", name=ASKS)).to_be_hidden()
    assert wrong == []
