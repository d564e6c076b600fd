"""Before the visit: when, where, what to do until then, who brings one home, and what comes at the visit."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import Escort
from tests.clinic.pages import words
from tests.world import World, iv_document
from timeline.models import Treatment
from timeline.phases import visit_words
from timeline.states import TreatmentState

pytestmark = pytest.mark.django_db


@pytest.fixture
def visit(world: World) -> Treatment:
    return world.treatment(TreatmentState.PLANNED, hour_zero=None, planned_for=timezone.now() + timedelta(days=5))


def test_it_says_when_by_the_patients_clock_and_where(set_up_phone: Client, world: World, visit: Treatment) -> None:
    world.patient.zone = "America/Los_Angeles"
    world.patient.save()
    page = words(set_up_phone.get("/set-up/"))
    when = visit_words(visit.planned_for, zone=ZoneInfo("America/Los_Angeles"), today=timezone.now())
    assert f"{when} Your visit at {world.clinic.name}" in page
    assert world.clinic.address in page
    assert "555-010-0142" in page
    assert world.clinic.instructions in page


def test_a_visit_of_today_names_the_day_too(set_up_phone: Client, world: World) -> None:
    at = timezone.now()
    noon = at.astimezone(ZoneInfo(world.patient.zone)).replace(hour=12, minute=5)
    world.treatment(TreatmentState.PLANNED, hour_zero=None, planned_for=noon)
    assert "Today at 12:05 pm" in words(set_up_phone.get("/set-up/"))


def test_it_lists_what_to_do_before(set_up_phone: Client, visit: Treatment) -> None:
    page = words(set_up_phone.get("/set-up/"))
    before = iv_document().before
    for line in (before.heading, before.lead, *before.points):
        assert line in page
    assert "The nurse will open the rest with a code." in page


def test_it_says_who_answers_for_its_words_and_what_it_is_not(set_up_phone: Client, visit: Treatment) -> None:
    text = words(set_up_phone.get("/set-up/"))
    assert "Not clinically reviewed" in text
    assert "This app is not for emergencies." in text


def test_it_asks_who_brings_one_home_until_somebody_is_named(
    set_up_phone: Client, world: World, visit: Treatment
) -> None:
    assert "Who brings you home?" in words(set_up_phone.get("/set-up/"))
    Escort.objects.create(clinic=world.clinic, patient=world.patient, name="Jo", task=Escort.Task.DRIVES)
    assert "Jo brings you home" in words(set_up_phone.get("/set-up/"))


def test_a_cancelled_visit_is_told_and_whom_to_call(set_up_phone: Client, world: World) -> None:
    world.treatment(
        TreatmentState.CANCELLED, hour_zero=None, planned_for=timezone.now() + timedelta(days=2),
        cancelled_at=timezone.now(), cancelled_by=world.nurse,
    )  # fmt: skip
    page = set_up_phone.get("/set-up/")
    assert "This visit will not take place" in words(page)
    assert 'class="btn btn--quiet btn--full" href="tel:' in page.content.decode()


def test_without_a_visit_it_says_so(set_up_phone: Client) -> None:
    assert "No visit is planned now" in words(set_up_phone.get("/set-up/"))


@pytest.mark.parametrize("state", [TreatmentState.IN_TREATMENT, TreatmentState.DISCHARGED])
def test_once_the_visit_has_begun_the_nurse_opens_the_rest(
    set_up_phone: Client, world: World, state: TreatmentState
) -> None:
    at = timezone.now()
    hour_zero = None if state == TreatmentState.IN_TREATMENT else at
    world.treatment(state, hour_zero=hour_zero, planned_for=at, started_at=at, started_by=world.nurse)
    page = words(set_up_phone.get("/set-up/"))
    assert "Ask the nurse for the code that opens the rest." in page
    assert "Hour 1" not in page


def test_a_phone_that_opens_all_may_look_too(phone: Client, visit: Treatment) -> None:
    page = phone.get("/set-up/")
    assert page.status_code == 200
    assert "See your day." in words(page)


def test_a_stranger_is_sent_away(client: Client, world: World) -> None:
    assert client.get("/set-up/").status_code == 302


def test_the_page_costs_few_queries(
    set_up_phone: Client, visit: Treatment, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    set_up_phone.get("/set-up/")
    with django_assert_max_num_queries(12):
        set_up_phone.get("/set-up/")
