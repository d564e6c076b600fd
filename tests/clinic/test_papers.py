"""Papers of one visit: the day sheet goes home and tells nothing, the summary is for the record; each is one page."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.utils import timezone

from accounts.states import Role
from aftercare.words import ESCORT_WORDS, found_words
from clinic.models import BadEnd, Discharge, DischargeItem
from clinic.queries.day_sheet import day_sheet
from tests.clinic.pages import title, words
from tests.clinic.rides import with_spravato
from tests.conftest import StaffClient
from tests.look.checks import HARDEST_PAGE, LONGEST_SENTENCE, reading_grade
from tests.reading import sentences
from tests.reading import words as words_of
from tests.world import HOUR_ZERO, NEW_YORK, World, acts
from timeline.models import Treatment, VitalSigns
from timeline.services import draft_version
from timeline.states import TreatmentState

pytestmark = pytest.mark.django_db
Staff = Callable[..., StaffClient]


@pytest.fixture(params=["iv", "spravato"])
def route(request: pytest.FixtureRequest, world: World) -> World:
    return with_spravato(world, at=HOUR_ZERO) if request.param == "spravato" else world


def sheet(response: Any) -> str:
    """The part that is printed."""
    return str(re.search(r'<article class="paper.*?</article>', response.content.decode(), re.DOTALL)[0])  # type: ignore[index]


def blocks(html: str) -> list[str]:
    """What is read in one go."""
    inner = re.findall(r"<(?:p|li|h2|h3)\b[^>]*>((?:(?!<(?:p|li|ul)\b).)*?)</(?:p|li|h2|h3)>", html, re.DOTALL)
    plain = [unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))).strip() for text in inner]
    return [text for text in plain if text]


def sheet_of(treatment: Treatment) -> str:
    return f"/staff/visits/{treatment.pk}/day-sheet/"


def summary_of(treatment: Treatment) -> str:
    return f"/staff/visits/{treatment.pk}/summary/"


@pytest.mark.parametrize("is_before", [True, False])
def test_a_patient_can_read_the_day_sheet_and_it_tells_nothing(route: World, staff: Staff, is_before: bool) -> None:
    state, zero = (TreatmentState.PLANNED, None) if is_before else (TreatmentState.RECOVERING, timezone.now())
    treatment = route.treatment(state, hour_zero=zero, planned_for=timezone.now() + timedelta(hours=2))
    response = staff(Role.FRONT_DESK).get(sheet_of(treatment))
    read = blocks(sheet(response))
    assert len(read) > 20
    assert reading_grade(read) <= HARDEST_PAGE
    assert [one for text in read for one in sentences(text) if len(words_of(one)) > LONGEST_SENTENCE] == []
    assert found_words(" ".join(read), ESCORT_WORDS) == []
    assert "Torres" not in " ".join(read) and "A-1" not in " ".join(read)
    assert title(response) == "Day sheet"


def test_the_day_sheet_has_the_numbers_as_digits(world: World, staff: Staff) -> None:
    text = words(staff().get(sheet_of(world.treatment(hour_zero=timezone.now()))))
    for number in ("911", "988", world.clinic.phone[-4:], world.clinic.after_hours_phone[-4:]):
        assert number in text


def test_the_parts_of_the_day_are_by_the_patients_clock(world: World) -> None:
    zero = datetime(2026, 11, 24, 11, 7, tzinfo=NEW_YORK)
    treatment = world.treatment(hour_zero=zero)
    for hours, state in ((4, 0), (10, 0), (16, 2)):
        world.prompt(treatment, step=f"s{hours}", due_at=zero + timedelta(hours=hours), kind="check_in", state=state)
    world.prompt(treatment, step="tip", due_at=zero + timedelta(hours=1))
    page = day_sheet(treatment, clinic=world.clinic, at=zero + timedelta(hours=2))
    assert [phase.when for phase in page.phases] == [
        "Until about 2:15 pm",
        "Until about 11:15 pm",
        "Until about 5:15 am on Wednesday",
        "Until about 11:15 am on Wednesday",
    ]
    assert page.check_ins == ("3:15 pm", "9:15 pm")
    assert (page.day, page.ends, page.planned) == ("Tuesday, November 24", "11:15 am on Wednesday", "")
    assert page.driving == treatment.document.driving.text


def test_a_protocols_own_words_that_tell_too_much_do_not_come_on_the_day_sheet(world: World) -> None:
    at, document = timezone.now(), world.version.document
    first, *others = document.phases
    telling = replace(
        document,
        driving=replace(document.driving, text="No driving after ketamine."),
        phases=(replace(first, name="The ketamine wears off"), *others),
    )
    version = draft_version(telling, by=world.nurse, at=at, clinic_id=world.clinic.pk)
    treatment = replace(world, version=version).treatment(hour_zero=at)
    page = day_sheet(treatment, clinic=world.clinic, at=at)
    assert page.driving == "Not today, and not before your clinic says so."
    assert [phase.name for phase in page.phases] == ["", *(phase.name for phase in others)] and page.phases[0].when


def test_before_hour_0_it_says_when_the_visit_is_and_promises_no_time(world: World) -> None:
    begins = datetime(2026, 11, 24, 14, tzinfo=NEW_YORK)
    treatment = world.treatment(TreatmentState.PLANNED, hour_zero=None, planned_for=begins)
    page = day_sheet(treatment, clinic=world.clinic, at=begins - timedelta(days=2))
    assert page.planned == "The visit is planned for Tue, Nov 24 at 2 pm."
    assert page.phases[0].when == "Hour 0 to hour 3" and page.check_ins == () and page.ends == ""


@pytest.mark.parametrize("state", [TreatmentState.CANCELLED, TreatmentState.ENDED_BADLY])
def test_no_plan_goes_home_after_a_visit_that_is_off_or_ended_badly(
    world: World, staff: Staff, state: TreatmentState
) -> None:
    at = timezone.now()
    values: dict[str, Any] = {"cancelled_at": at, "cancelled_by": world.nurse}
    if state == TreatmentState.ENDED_BADLY:
        values = {"ended_badly_at": at, "ended_badly_by": world.nurse, "ended_badly_reason": "hospital"}
    response = staff().get(sheet_of(world.treatment(state, hour_zero=None, **values)))
    assert response.status_code == 409 and "There is no day sheet" in words(response)


def discharged(world: World, **values: Any) -> Treatment:
    at = timezone.now()
    treatment = world.treatment(hour_zero=at - timedelta(hours=3), discharged_at=at, discharged_by=world.nurse)
    item, second = treatment.lists.discharge[:2]
    DischargeItem.objects.create(
        clinic=world.clinic, treatment=treatment, key=item.key, note="with help", done_at=at, done_by=world.nurse
    )
    said = {"door": "other", "with_whom": "Rosa Vidal", "open_items": [second.key], "medicines": "None tonight"}
    Discharge.objects.create(
        clinic=world.clinic, treatment=treatment, at=at, by=world.nurse, clinician=world.nurse, reason="Spoke to both",
        next_contact_at=at + timedelta(hours=21), **(said | values),
    )  # fmt: skip
    VitalSigns.objects.create(
        clinic=world.clinic, treatment=treatment, moment="leaving", systolic=124, diastolic=82, pulse=70, oxygen=98,
        taken_at=at, noted_at=at, noted_by=world.nurse,
    )  # fmt: skip
    return treatment


def test_the_summary_says_what_was_done_by_whom_and_what_was_open(world: World, staff: Staff) -> None:
    treatment = discharged(world)
    done, missing = treatment.lists.discharge[:2]
    response = staff().get(summary_of(treatment))
    text = " ".join(blocks(sheet(response)))
    assert f"{done.title}: with help Dana Reyes, " in text and f"{missing.title} Not ticked" in text
    whole = words(response)
    for said in (
        *("Not clinically reviewed", "version 1", "Record A-1", "Somebody else, or known another way", "Rosa Vidal"),
        *("Left with something open", "Decided by Dana Reyes: Spoke to both", "None tonight", "124/82", "98 %"),
    ):
        assert said in whole, said
    assert "Monitoring form" not in whole


@pytest.mark.parametrize(("door", "is_shown"), [("word", True), ("other", False), ("nobody", False)])
def test_the_escort_is_ticked_on_the_summary_only_where_the_door_word_was_right(
    world: World, staff: Staff, door: str, is_shown: bool
) -> None:
    """The patient may name somebody else after the tick."""
    treatment = discharged(world, door=door)
    DischargeItem.objects.create(
        clinic=world.clinic, treatment=treatment, key="escort", done_at=timezone.now(), done_by=world.nurse
    )
    title = next(item.title for item in treatment.lists.discharge if item.key == "escort")
    text = " ".join(blocks(sheet(staff().get(summary_of(treatment)))))
    assert f"{title} {'Dana Reyes, ' if is_shown else 'Not ticked'}" in text


def test_the_summary_of_the_spray_reminds_of_the_form_and_is_not_the_form(world: World, staff: Staff) -> None:
    treatment = discharged(with_spravato(world, at=HOUR_ZERO))
    text = words(staff().get(summary_of(treatment)))
    assert "send the program’s own form within 7 days" in text and "This page is not the form." in text


def test_a_visit_that_ended_badly_has_a_summary_too(world: World, staff: Staff) -> None:
    at = timezone.now()
    treatment = world.treatment(
        TreatmentState.ENDED_BADLY, hour_zero=None, ended_badly_at=at, ended_badly_by=world.nurse,
        ended_badly_reason="hospital",
    )  # fmt: skip
    BadEnd.objects.create(
        clinic=world.clinic, treatment=treatment, at=at, by=world.nurse, said="Chest pain", went_to="Mercy",
        is_escort_told=True,
    )  # fmt: skip
    text = words(staff().get(summary_of(treatment)))
    for said in ("Sent to hospital", "Chest pain", "Mercy", "Escort told Yes", "No reading was noted."):
        assert said in text


def test_while_the_patient_is_here_there_is_no_summary(world: World, staff: Staff) -> None:
    response = staff().get(summary_of(world.treatment(TreatmentState.RECOVERING)))
    assert response.status_code == 409 and "once the patient has left" in words(response)


def test_a_paper_changes_nothing(world: World, staff: Staff) -> None:
    treatment, browser = discharged(world), staff()
    for page in (sheet_of(treatment), summary_of(treatment)):
        assert browser.get(page).status_code == 200
    assert acts().count() == 0
