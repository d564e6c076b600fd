"""The board: who stands where, how old it is, and what it costs."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Patient
from accounts.states import Role
from aftercare.tenancy import tenant
from tests.conftest import StaffClient
from tests.world import World
from timeline.states import BadEnding, TreatmentState

pytestmark = pytest.mark.django_db
Staff = Callable[..., StaffClient]
HTMX = {"HX-Request": "true"}


def one_more(world: World, name: str) -> World:
    """The same clinic with another patient in hand."""
    patient = Patient.objects.create(
        clinic=world.clinic,
        first_name=name,
        last_name="Park",
        record_number=f"B-{name}",
        born_on=world.patient.born_on,
        zone=world.clinic.zone,
        created_at=timezone.now(),
    )
    return World(world.clinic, world.nurse, patient, world.version)


def board(browser: StaffClient, **query: Any) -> str:
    response = browser.get(reverse("clinic:today"), query)
    assert response.status_code == 200
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode())))


def mark(browser: StaffClient) -> str:
    """What the page would send back when it asks again."""
    match = re.search(r"seen=(\w+)", browser.get(reverse("clinic:today")).content.decode())
    assert match
    return match[1]


def test_everybody_stands_in_the_group_of_where_they_are(world: World, staff: Staff) -> None:
    at = timezone.now()
    badly = {"ended_badly_reason": BadEnding.HOSPITAL, "ended_badly_at": at, "ended_badly_by": world.nurse}
    world.treatment(TreatmentState.ENDED_BADLY, hour_zero=None, planned_for=at, **badly)
    one_more(world, "Luis").treatment(TreatmentState.IN_TREATMENT, hour_zero=None, planned_for=at)
    one_more(world, "Ruth").treatment(TreatmentState.DISCHARGED, hour_zero=at - timedelta(hours=4, minutes=10))
    one_more(world, "Sam").treatment(TreatmentState.PLANNED, hour_zero=None, planned_for=at - timedelta(minutes=5))
    text = board(staff())
    order = [
        "Ended badly",
        "Maya",
        "Sent to hospital",
        "In the clinic",
        "Luis",
        "At home",
        "Ruth",
        "Hour 5",
        "Still to come",
    ]
    table = text[text.index("Patients in care or to come") :]
    places = [table.index(words) for words in (*order, "Sam Park")]
    assert places == sorted(places)
    assert "3 in care. 1 still to come today." in text


def test_who_is_done_or_comes_another_day_is_not_on_the_board(world: World, staff: Staff) -> None:
    at = timezone.now()
    world.treatment(TreatmentState.CLOSED, hour_zero=at - timedelta(days=3))
    world.treatment(TreatmentState.PLANNED, hour_zero=None, planned_for=at + timedelta(days=2))
    text = board(staff())
    assert "Maya" not in text
    assert "Nobody is in care" in text


def test_a_visit_that_nobody_started_is_late_and_stays_on_the_board(world: World, staff: Staff) -> None:
    world.treatment(TreatmentState.PLANNED, hour_zero=None, planned_for=timezone.now() - timedelta(days=2))
    response = staff().get(reverse("clinic:today"))
    assert b'class="is-warm"' in response.content
    assert b"tag--warn" in response.content


def test_one_group_can_be_looked_at_alone(world: World, staff: Staff) -> None:
    at = timezone.now()
    world.treatment(TreatmentState.DISCHARGED, hour_zero=at - timedelta(hours=2))
    one_more(world, "Luis").treatment(TreatmentState.IN_TREATMENT, hour_zero=None, planned_for=at)
    browser = staff()
    assert "Luis" not in board(browser, show="home")
    assert "Maya" not in board(browser, show="clinic")
    assert "show=home" in browser.get(reverse("clinic:today"), {"show": "home"}).content.decode()


@pytest.mark.parametrize("show", ["nonsense", "planned", "x" * 500, "🌿", "home' or 1=1"])
def test_a_group_that_is_not_there_shows_all(world: World, staff: Staff, show: str) -> None:
    world.treatment(TreatmentState.DISCHARGED, hour_zero=timezone.now() - timedelta(hours=2))
    assert "Maya" in board(staff(), show=show)


def test_htmx_gets_nothing_while_nothing_changed_and_the_board_when_it_did(world: World, staff: Staff) -> None:
    at = timezone.now()
    browser, treatment = staff(), world.treatment(TreatmentState.IN_TREATMENT, hour_zero=None, planned_for=at)
    for _ in range(2):  # a minute may pass in between
        seen = mark(browser)
        same = browser.get(reverse("clinic:today"), {"seen": seen}, headers=HTMX)
        if same.status_code == 204:
            break
    assert (same.status_code, same.content) == (204, b"")
    treatment.state = TreatmentState.DISCHARGED
    treatment.hour_zero = at
    treatment.save()
    changed = browser.get(reverse("clinic:today"), {"seen": seen}, headers=HTMX)
    assert changed.status_code == 200
    assert changed.content.startswith(b'<div class="stack" id="board"')


def test_without_htmx_a_mark_changes_nothing(world: World, staff: Staff) -> None:
    browser = staff()
    assert "Nobody is in care" in board(browser, seen=mark(browser))


def test_the_board_says_how_old_it_is_and_loads_itself_without_javascript(world: World, staff: Staff) -> None:
    content = staff().get(reverse("clinic:today")).content.decode()
    assert re.search(r"As of (\d+(:\d\d)? [ap]m|noon|midnight)\.", content)
    assert '<noscript><meta http-equiv="refresh" content="20"></noscript>' in content
    assert "Not up to date since" in content


def test_the_next_message_stands_in_the_row(world: World, staff: Staff) -> None:
    at = timezone.now()
    treatment = world.treatment(TreatmentState.DISCHARGED, hour_zero=at - timedelta(hours=2))
    world.prompt(treatment, step="rest", due_at=at + timedelta(minutes=30))
    assert re.search(r"Message \d", board(staff()))


def test_the_title_tells_nothing(world: World, staff: Staff) -> None:
    world.treatment(TreatmentState.DISCHARGED, hour_zero=timezone.now())
    assert "<title>Today</title>" in staff().get(reverse("clinic:today")).content.decode()


@pytest.mark.parametrize("role", list(Role))
def test_all_staff_see_the_board(world: World, staff: Staff, role: Role) -> None:
    assert staff(role).get(reverse("clinic:today")).status_code == 200


def test_the_board_of_another_clinic_shows_none_of_ours(world: World, other_world: World, staff: Staff) -> None:
    with tenant(world.clinic.pk):
        world.treatment(TreatmentState.DISCHARGED, hour_zero=timezone.now())
    assert "Maya" not in board(staff(at=other_world))
    assert "Maya" in board(staff())


def test_one_patient_costs_as_many_queries_as_three(world: World, staff: Staff) -> None:
    at, counts, browser = timezone.now(), [], staff()
    for name in ("Ada", "Luis", "Ruth"):
        treatment = one_more(world, name).treatment(TreatmentState.DISCHARGED, hour_zero=at)
        world.prompt(treatment, step="rest", due_at=at + timedelta(hours=1))
        with CaptureQueriesContext(
            connection,
        ) as queries:
            browser.get(reverse("clinic:today"))
        counts.append(len(queries))
    assert counts[0] == counts[2]
    assert counts[0] <= 14
