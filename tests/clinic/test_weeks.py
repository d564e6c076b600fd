"""The weeks of a patient at the clinic: charts with the patient's yes and not a number without it, totals as before."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.states import Role
from aftercare.tenancy import tenant
from alerts.models import Alert
from alerts.states import Cause
from checkin.services import Said, record_log, record_questionnaire
from checkin.services.sharing import share_charts
from clinic.queries.weeks import patient_weeks
from tests.checkin.logs import log, noon
from tests.clinic.pages import words
from tests.clinic.test_access import PAGES, address
from tests.conftest import StaffClient
from tests.world import World
from timeline.states import TreatmentState

pytestmark = pytest.mark.django_db
Staff = Callable[..., StaffClient]
# Numbers of no other meaning: hours that nobody else has, and a line.
HOURS, LINE = "13.7", "The canary sings before six."


@pytest.fixture
def logs(world: World) -> None:
    for ago, mood in ((12, 4), (11, 4), (5, 7), (4, 7), (1, 7)):
        log(world, ago, mood=mood, worry=3, slept_minutes=822, for_clinic=LINE if ago == 4 else "")
    world.treatment(TreatmentState.CLOSED, hour_zero=noon(world, 9), closed_at=noon(world, 7))


def totals(world: World) -> None:
    for days, answer in ((20, 2), (6, 1)):
        at = timezone.now() - timedelta(days=days)
        for kind, items in (("phq9", 8), ("gad7", 7)):
            given = [answer] * items + [0] * (kind == "phq9")
            record_questionnaire(world.patient, key=uuid4(), kind=kind, answers=given, treatment=None, at=at)


def page_of(browser: Client, world: World, span: str = "course") -> Any:
    return browser.get(f"{reverse('clinic:weeks', args=[world.patient.pk])}?span={span}")


def agree(world: World, *, on: bool = True) -> None:
    share_charts(world.patient, on=on, at=timezone.now())


@pytest.mark.parametrize("role", [Role.NURSE, Role.CLINICIAN])
def test_with_a_yes_those_who_treat_see_charts_changes_and_each_day(
    world: World, staff: Staff, logs: None, role: Role
) -> None:
    agree(world)
    page = page_of(staff(role), world)
    text = words(page)
    assert page.content.count(b'role="img"') == 3
    assert "The patient shares the log and its charts. Since: Today." in text
    assert "4 before, 7 after" in text and "not logged" in text
    assert HOURS in text and LINE in text


def test_without_a_yes_no_page_of_the_staff_holds_a_number_of_the_log(world: World, staff: Staff, logs: None) -> None:
    browser = staff(Role.NURSE)
    for said in (None, True, False):
        if said is not None:
            agree(world, on=said)
        seen = page_of(browser, world)
        assert (HOURS in words(seen)) is bool(said)
    assert "The patient took back the yes to the log and its charts. Since: Today." in words(seen)
    for name, may in PAGES.items():
        if Role.NURSE in may:
            page = browser.get(address(name, world), follow=True)
            text = words(page) if "text/html" in page.get("Content-Type", "") else ""
            assert HOURS not in text and 'role="img" aria-label="Mood' not in text, name


@pytest.mark.parametrize("role", [Role.NURSE, Role.FRONT_DESK])
def test_what_was_told_of_a_fall_holds_no_number_once_the_yes_is_taken_back(
    world: World, staff: Staff, role: Role
) -> None:
    agree(world)
    for ago, mood in ((6, 9), (5, 9), (3, 3), (2, 3), (1, 3)):
        record_log(world.patient, Said(mood, 5, 4), key=uuid4(), at=noon(world, ago))
    for days, answer in ((20, 0), (3, 2)):
        at, given = timezone.now() - timedelta(days=days), [answer] * 8 + [0]
        record_questionnaire(world.patient, key=uuid4(), kind="phq9", answers=given, treatment=None, at=at)
    agree(world, on=False)
    fall, rise = Alert.objects.filter(cause=Cause.TREND).order_by("rules")
    browser = staff(role)
    for alert, why in ((fall, "Mood in the daily log fell"), (rise, "PHQ-9 went up by 5 or more")):
        assert why in words(browser.get(reverse("clinic:alert", args=[alert.pk])))
    for name, may in PAGES.items():
        if role in may:
            page = browser.get(address(name, world), follow=True)
            text = words(page) if "text/html" in page.get("Content-Type", "") else ""
            assert not re.search(r"\d of 10\b|\b3, 3|\b9 before|from 0 to 16", text), name
            assert role == Role.NURSE or "16 of 27" not in text, name


@pytest.mark.parametrize(
    ("role", "leads"),
    [(Role.NURSE, True), (Role.CLINICIAN, True), (Role.FRONT_DESK, False), (Role.MANAGER, False)],
)
def test_the_alert_of_a_trend_leads_those_who_treat_to_the_weeks(
    world: World, staff: Staff, role: Role, leads: bool
) -> None:
    for ago, mood in ((6, 9), (5, 9), (3, 3), (2, 3), (1, 3)):
        record_log(world.patient, Said(mood, 5, 4), key=uuid4(), at=noon(world, ago))
    page = staff(role).get(reverse("clinic:alert", args=[Alert.objects.get().pk]))
    assert (f'href="{reverse("clinic:weeks", args=[world.patient.pk])}"' in page.content.decode()) is leads


def test_any_other_alert_leads_to_no_weeks(world: World, staff: Staff) -> None:
    given = [0] * 8 + [1]
    record_questionnaire(world.patient, key=uuid4(), kind="phq9", answers=given, treatment=None, at=timezone.now())
    page = staff(Role.NURSE).get(reverse("clinic:alert", args=[Alert.objects.get().pk]))
    assert page.status_code == 200 and reverse("clinic:weeks", args=[world.patient.pk]) not in page.content.decode()


def test_without_a_yes_the_log_is_not_even_read(world: World, logs: None, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(3):
        page = patient_weeks(world.patient, world.clinic, "course", at=timezone.now())
    assert page.weeks is None and len(page.visits) == 1


@pytest.mark.parametrize("count", [1, 200])
def test_one_log_and_two_hundred_take_the_same_four_queries(
    world: World, count: int, django_assert_num_queries: Any
) -> None:
    for ago in range(count):
        log(world, ago, mood=5)
    agree(world)
    with django_assert_num_queries(4):
        patient_weeks(world.patient, world.clinic, "course", at=timezone.now())


def test_totals_are_there_without_a_yes_with_the_difference_to_the_ones_before(world: World, staff: Staff) -> None:
    totals(world)
    text = words(page_of(staff(), world))
    assert "The patient has not said yes to share the log and its charts." in text
    assert "PHQ-9: 8 of 27 8 fewer" in text and "GAD-7: 7 of 21 7 fewer" in text
    assert "PHQ-9: 16 of 27" in text and "PHQ-9: 16 of 27 " in text
    assert "better" not in text and "worse" not in text


def test_with_a_yes_and_no_log_the_page_says_so(world: World, staff: Staff) -> None:
    agree(world)
    assert "Nothing logged yet" in words(page_of(staff(), world))


def test_a_span_without_a_log_is_said_to_mean_nothing(world: World, staff: Staff, logs: None) -> None:
    agree(world)
    with_logs = page_of(staff(), world, "week")
    assert with_logs.content.count(b'role="img"') == 3
    later = patient_weeks(world.patient, world.clinic, "week", at=timezone.now() + timedelta(days=30))
    assert later.weeks and (later.weeks.shown, later.weeks.logged) == (0, 5)


@pytest.mark.parametrize("role", [Role.FRONT_DESK, Role.MANAGER])
def test_the_front_desk_and_managers_are_refused(world: World, staff: Staff, logs: None, role: Role) -> None:
    agree(world)
    assert page_of(staff(role), world).status_code == 403
    patient = staff(role).get(reverse("clinic:patient", args=[world.patient.pk]))
    assert "The weeks" not in words(patient)


def test_another_clinic_finds_nobody(world: World, other_world: World, staff: Staff) -> None:
    with tenant(world.clinic.pk):
        agree(world)
    assert page_of(staff(Role.NURSE, at=other_world), world).status_code == 404
    assert page_of(staff(Role.NURSE), world).status_code == 200


def test_the_patients_page_leads_there(world: World, staff: Staff) -> None:
    page = staff().get(reverse("clinic:patient", args=[world.patient.pk]))
    assert f'href="{reverse("clinic:weeks", args=[world.patient.pk])}"' in page.content.decode()
