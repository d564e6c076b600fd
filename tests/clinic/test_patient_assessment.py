"""The assessment: before a patient's first treatment, and then never in the way."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from html import unescape
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Patient
from accounts.states import Role
from aftercare.tenancy import tenant
from tests.clinic.pages import title, words
from tests.conftest import StaffClient
from tests.world import World, acts
from timeline.models import Treatment
from timeline.states import TreatmentState

Staff = Callable[..., StaffClient]
LONG_NAME = "x" * 81


def today(world: World) -> date:
    return timezone.now().astimezone(ZoneInfo(world.clinic.zone)).date()


def form(world: World, **other: Any) -> dict[str, Any]:
    return {"assessed_on": f"{today(world) - timedelta(days=7)}", "assessed_by": "Bo Li, MD", **other}


def first_visit(world: World) -> Treatment:
    """Planned, for somebody whom nobody has assessed."""
    Patient.objects.update(assessed_on=None, assessed_by="")
    return world.treatment(TreatmentState.PLANNED, hour_zero=None, planned_for=timezone.now())


def start_url(treatment: Treatment) -> str:
    return f"/staff/treatments/{treatment.pk}/start/"


def assessment_url(world: World) -> str:
    return f"/staff/patients/{world.patient.pk}/assessment/"


def on_record(world: World) -> tuple[date | None, str]:
    patient = Patient.objects.get(pk=world.patient.pk)
    return patient.assessed_on, patient.assessed_by


@pytest.mark.django_db
@pytest.mark.parametrize("role", [Role.NURSE, Role.CLINICIAN])
def test_a_first_treatment_asks_for_the_assessment_and_starts_with_it(world: World, staff: Staff, role: Role) -> None:
    browser, treatment = staff(role), first_visit(world)
    response = browser.get(start_url(treatment))
    for part in ("First, the assessment", "Assessed on", "Assessed by", "Start the visit"):
        assert part in words(response)
    response = browser.post(start_url(treatment), form(world), follow=True)
    assert "The visit has started." in words(response)
    assert "by Bo Li, MD" in words(browser.get(reverse("clinic:patient", args=[treatment.patient_id])))
    treatment.refresh_from_db()
    assert (treatment.state, on_record(world)) == ("in_treatment", (today(world) - timedelta(days=7), "Bo Li, MD"))
    assert [event.action for event in acts()] == [
        "assessment_recorded",
        "treatment_in_treatment",
    ]


@pytest.mark.django_db
def test_a_first_treatment_does_not_start_without_it(world: World, staff: Staff) -> None:
    treatment = first_visit(world)
    response = staff().post(start_url(treatment))
    assert (response.status_code, title(response)) == (422, "Error: Visit")
    for part in ("Type the day of the assessment.", "Type who did the assessment."):
        assert words(response).count(part) == 2
    treatment.refresh_from_db()
    assert (treatment.state, acts().count()) == ("planned", 0)


@pytest.mark.django_db
def test_a_patient_who_was_assessed_is_asked_nothing_more(world: World, staff: Staff) -> None:
    treatment = world.treatment(TreatmentState.PLANNED, hour_zero=None, planned_for=timezone.now())
    browser = staff()
    assert "ssess" not in words(browser.get(start_url(treatment)))
    assert browser.post(start_url(treatment)).status_code == 303


@pytest.mark.django_db
def test_a_later_treatment_needs_no_assessment(world: World, staff: Staff) -> None:
    at, browser = timezone.now(), staff()
    treatment = first_visit(world)
    long_ago = at - timedelta(days=9)
    world.treatment(TreatmentState.CLOSED, hour_zero=long_ago, started_at=long_ago, started_by=world.nurse)
    assert "ssess" not in words(browser.get(start_url(treatment)))
    assert browser.post(start_url(treatment)).status_code == 303
    assert on_record(world) == (None, "")


@pytest.mark.django_db
def test_a_visit_that_was_cancelled_was_no_first_treatment(world: World, staff: Staff) -> None:
    treatment = first_visit(world)
    world.treatment(TreatmentState.CANCELLED, hour_zero=None, cancelled_at=timezone.now(), cancelled_by=world.nurse)
    assert "First, the assessment" in words(staff().get(start_url(treatment)))


@pytest.mark.django_db
def test_a_double_tap_starts_once_and_keeps_one_assessment(world: World, staff: Staff) -> None:
    browser, treatment = staff(), first_visit(world)
    assert [browser.post(start_url(treatment), form(world)).status_code for _ in range(2)] == [303, 303]
    assert acts().count() == 2


def test_two_taps_at_the_same_moment_are_no_conflict(committed: None, world: World, staff: Staff) -> None:
    with tenant(world.clinic.pk):
        treatment, typed = first_visit(world), form(world)
    browsers = [staff(), StaffClient()]
    browsers[1].force_login(browsers[0].member.user)

    def start(browser: StaffClient) -> int:
        try:
            return browser.post(start_url(treatment), typed).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as threads:
        assert list(threads.map(start, browsers)) == [303, 303]
    with tenant(world.clinic.pk):
        assert acts().count() == 2


@pytest.mark.django_db
def test_an_assessment_that_came_in_between_stays_and_is_told(world: World, staff: Staff) -> None:
    browser, treatment = staff(), first_visit(world)
    staff(Role.CLINICIAN).post(assessment_url(world), form(world, assessed_by="Cleo Ray", seen=0))
    response = browser.post(start_url(treatment), form(world), follow=True)
    assert "The visit has started. An assessment was on record by then, and stays." in words(response)
    assert on_record(world)[1] == "Cleo Ray"


@pytest.mark.django_db
def test_a_visit_that_is_past_its_start_is_not_asked_about(world: World, staff: Staff) -> None:
    treatment = first_visit(world)
    Treatment.objects.update(state=TreatmentState.CANCELLED, cancelled_at=timezone.now(), cancelled_by=world.nurse)
    for response in (staff().get(start_url(treatment)), staff().post(start_url(treatment), form(world))):
        assert response.status_code == 409
        assert "cancelled this visit" in words(response)
    assert on_record(world) == (None, "")


BAD = [
    ("This day is still to come.", {"assessed_on": "2099-01-01"}),
    ("This is more than 2 years ago.", {"assessed_on": "2001-01-01"}),
    ("This is more than 2 years ago.", {"assessed_on": "0001-01-01"}),
    ("Type a date, like 2027-03-13.", {"assessed_on": "yesterday"}),
    ("Type a date, like 2027-03-13.", {"assessed_on": "2026-13-45"}),
    ("Type a date, like 2027-03-13.", {"assessed_on": "🌿"}),
    ("Type a date, like 2027-03-13.", {"assessed_on": "9" * 6000}),
    ("Make the name shorter", {"assessed_by": LONG_NAME}),
    ("Type the name of who did the assessment.", {"assessed_by": "A"}),
    ("Type the name of who did the assessment.", {"assessed_by": "🌿🌿🌿"}),
    ("Type the name of who did the assessment.", {"assessed_by": "12"}),
    ("Type who did the assessment.", {"assessed_by": "   "}),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("message", "other"), BAD)
@pytest.mark.parametrize("page", ["start", "assessment"])
def test_what_cannot_be_is_told_with_the_words_kept(
    world: World, staff: Staff, page: str, message: str, other: dict[str, str]
) -> None:
    treatment = first_visit(world)
    address = start_url(treatment) if page == "start" else assessment_url(world)
    typed = form(world, seen=0, **other)
    response = staff().post(address, typed)
    assert response.status_code == 422
    assert message in words(response)
    for name in ("assessed_on", "assessed_by"):
        assert f'value="{typed[name].strip()}' in unescape(response.content.decode())
    assert (on_record(world), acts().count()) == ((None, ""), 0)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "typed", [{"assessed_by": "Bo\0Li"}, {"assessed_on": "2026-11-\0"}, {"assessed_by": "B\u202eo"}]
)
def test_what_cannot_be_shown_is_refused(world: World, staff: Staff, typed: dict[str, str]) -> None:
    first_visit(world)
    assert staff().post(assessment_url(world), form(world, seen=0, **typed)).status_code == 422
    assert on_record(world) == (None, "")


@pytest.mark.django_db
@pytest.mark.parametrize(("days", "status"), [(0, 303), (-1, 422), (729, 303), (732, 422)])
def test_an_assessment_is_of_today_or_of_the_last_two_years(world: World, staff: Staff, days: int, status: int) -> None:
    typed = form(world, assessed_on=f"{today(world) - timedelta(days=days)}", seen=0)
    assert staff().post(assessment_url(world), typed).status_code == status


@pytest.mark.django_db
def test_it_can_be_recorded_before_the_visit_and_put_right(world: World, staff: Staff) -> None:
    browser = staff()
    treatment = first_visit(world)
    page = words(browser.get(f"/staff/patients/{world.patient.pk}/"))
    assert "Assessed Not yet Record the assessment" in page
    assert browser.post(assessment_url(world), form(world, seen=0)).status_code == 303
    response = browser.get(assessment_url(world))
    assert 'value="Bo Li, MD"' in response.content.decode()
    mark = re.search(r'name="seen" value="(\d+)"', response.content.decode())
    assert mark
    browser.post(assessment_url(world), form(world, assessed_by="Cleo Ray, MD", seen=mark[1]))
    assert on_record(world)[1] == "Cleo Ray, MD"
    assert browser.post(start_url(treatment)).status_code == 303


@pytest.mark.django_db
def test_the_later_of_two_is_shown_the_newer_assessment_with_their_words_kept(world: World, staff: Staff) -> None:
    first_visit(world)
    staff().post(assessment_url(world), form(world, seen=0))
    second = staff(Role.CLINICIAN)
    response = second.post(assessment_url(world), form(world, assessed_by="Cleo Ray", seen=0))
    assert response.status_code == 409
    assert "Sam Lindqvist changed this meanwhile." in words(response)
    assert ", by Bo Li, MD" in words(response)
    assert 'value="Cleo Ray"' in response.content.decode()
    mark = re.search(r'name="seen" value="(\d+)"', response.content.decode())
    assert mark
    assert second.post(assessment_url(world), form(world, assessed_by="Cleo Ray", seen=mark[1])).status_code == 303
    assert on_record(world)[1] == "Cleo Ray"


@pytest.mark.django_db
def test_an_ordinary_start_looks_once_for_an_assessment(world: World, staff: Staff) -> None:
    treatment = world.treatment(TreatmentState.PLANNED, hour_zero=None, planned_for=timezone.now())
    with CaptureQueriesContext(connection) as queries:
        staff().get(start_url(treatment))
    assert len([query for query in queries if "assessed_on" in query["sql"] and "EXISTS" in query["sql"]]) <= 1
