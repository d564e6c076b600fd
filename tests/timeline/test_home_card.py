"""The card for the people at home: until when it is quiet, what helps, whom to call, and nothing of what it was for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import unquote
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from aftercare.words import ESCORT_WORDS, NOTICE_WORDS, found_words
from tests.clinic.pages import words
from tests.world import World
from timeline.household import LONGEST_MESSAGE, household_message, until_words
from timeline.queries import home_card_page
from timeline.states import TreatmentState

NEW_YORK = ZoneInfo("America/New_York")
PAGE = "/home-card/"


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        (datetime(2026, 11, 29, 17, 0, tzinfo=NEW_YORK), "Sunday, Nov 29, about 5 pm"),
        (datetime(2026, 11, 29, 16, 1, tzinfo=NEW_YORK), "Sunday, Nov 29, about 5 pm"),
        (datetime(2026, 11, 29, 11, 30, tzinfo=NEW_YORK), "Sunday, Nov 29, about noon"),
        (datetime(2026, 11, 29, 23, 30, tzinfo=NEW_YORK), "Sunday, Nov 29, about midnight"),
        (datetime(2026, 11, 30, 4, 20, tzinfo=UTC), "Sunday, Nov 29, about midnight"),
        # The clocks go back at 2 am that day.
        (datetime(2026, 11, 1, 7, 30, tzinfo=UTC), "Sunday, Nov 1, about 3 am"),
    ],
)
def test_until_when_names_the_day_and_the_full_hour_after(moment: datetime, said: str) -> None:
    assert until_words(moment, zone=NEW_YORK) == said


@pytest.mark.parametrize("name", ["Maya", "M", "Wilhelmina-Theodora Constance von Hohenzollern-Sigmaringen"])
@pytest.mark.parametrize("phone", ["", "212-555-0101"])
def test_the_message_is_short_and_tells_nothing(name: str, phone: str) -> None:
    text = household_message(
        name=name,
        until="Wednesday, Nov 29, about midnight",
        sender="x" * 24,
        phone=phone,
        emergency="",
    )
    assert len(text) <= LONGEST_MESSAGE
    assert found_words(text, ESCORT_WORDS | NOTICE_WORDS) == []
    assert "Call your local emergency number." in text
    assert (phone in text) and ("Questions?" in text) is bool(phone)


@given(
    name=st.text(min_size=1, max_size=60), sender=st.text(max_size=60), phone=st.sampled_from(["", "+44 20 7946 0958"])
)
@settings(max_examples=60, deadline=None, phases=[Phase.generate])
@example(name="W" * 30, sender="x" * 60, phone="212-555-0101")
def test_no_name_and_no_sender_makes_the_message_long_or_stops_it(name: str, sender: str, phone: str) -> None:
    said = {"until": "Wednesday, Nov 29, about midnight", "emergency": ""}
    text = household_message(name=name, sender=sender, phone=phone, **said)
    assert len(text) <= LONGEST_MESSAGE and phone in text and text.startswith((name, name[0]))


pytest_db = pytest.mark.django_db


@pytest_db
@pytest.mark.parametrize(
    ("state", "planned", "hour_zero"),
    [
        (TreatmentState.PLANNED, timedelta(days=2), None),
        (TreatmentState.IN_TREATMENT, timedelta(hours=-1), None),
        (TreatmentState.DISCHARGED, timedelta(hours=-5), timedelta(hours=-3)),
    ],
)
def test_it_is_quiet_for_24_hours_from_hour_0_or_from_the_plan(
    world: World, state: TreatmentState, planned: timedelta, hour_zero: timedelta | None
) -> None:
    at = timezone.now()
    begun = {} if state == TreatmentState.PLANNED else {"started_at": at + planned, "started_by": world.nurse}
    visit = world.treatment(
        state, planned_for=at + planned, hour_zero=None if hour_zero is None else at + hour_zero, **begun
    )
    ends_at = (visit.hour_zero or visit.planned_for) + timedelta(hours=24)
    page = home_card_page(world.patient, at)
    assert page and page.until == until_words(ends_at, zone=ZoneInfo(world.patient.zone))


@pytest_db
def test_a_set_up_phone_opens_it_and_an_initial_stays_an_initial(set_up_phone: Client, world: World) -> None:
    world.treatment(TreatmentState.PLANNED, hour_zero=None, planned_for=timezone.now() + timedelta(days=2))
    world.patient.is_initial_for_escorts = True
    world.patient.save()
    page = words(set_up_phone.get(PAGE))
    assert "A quiet day for M " in page
    assert "Maya" not in page


@pytest_db
def test_it_holds_no_drug_no_illness_and_no_name_that_tells(world: World) -> None:
    at = timezone.now()
    world.treatment(TreatmentState.PLANNED, hour_zero=None, planned_for=at + timedelta(days=2))
    for name in ("Cedar Street", "Cedar Ketamine"):
        world.clinic.sender_name = name
        page = home_card_page(world.patient, at)
        assert page
        text = " ".join(
            (page.name, page.until, *page.helps, *page.avoid, *page.call_emergency, *page.call_clinic, page.sender)
        )
        assert found_words(f"{text} {page.message}", ESCORT_WORDS) == []
        assert world.clinic.name not in text
        assert unquote(page.text_link) == f"sms:?&body={page.message}"


@pytest_db
def test_numbers_stand_on_it_and_one_that_is_unset_does_not(phone: Client, world: World) -> None:
    world.treatment(TreatmentState.PLANNED, hour_zero=None, planned_for=timezone.now() + timedelta(days=2))
    page = words(phone.get(PAGE))
    assert "Call 911 now if:" in page and "Call Cedar Street if:" in page
    assert "555-010-0142" in page and "When they are closed: 555-010-0143" in page
    world.clinic.phone = world.clinic.after_hours_phone = ""
    world.clinic.save()
    card = words(phone.get(PAGE)).partition("Get help now")[0]
    assert "555-010" not in card


@pytest_db
def test_once_the_24_hours_are_over_there_is_no_card(phone: Client, world: World) -> None:
    at = timezone.now()
    world.treatment(hour_zero=at - timedelta(hours=25), started_at=at - timedelta(hours=26), started_by=world.nurse)
    response = phone.get(PAGE)
    assert (response.status_code, response["Location"]) == (303, "/set-up/")
