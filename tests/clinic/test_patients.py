"""Finding a patient."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Patient
from aftercare.tenancy import tenant
from clinic.queries.patients import FOUND_AT_MOST
from tests.clinic.pages import title, words
from tests.conftest import StaffClient
from tests.world import World
from timeline.states import TreatmentState

pytestmark = pytest.mark.django_db
Staff = Callable[..., StaffClient]
PATIENTS = "/staff/patients/"


def add(world: World, first_name: str, last_name: str, record_number: str) -> Patient:
    return Patient.objects.create(
        clinic=world.clinic,
        first_name=first_name,
        last_name=last_name,
        record_number=record_number,
        born_on=world.patient.born_on,
        zone=world.clinic.zone,
        created_at=timezone.now(),
    )


@pytest.mark.parametrize("typed", ["maya", "TORR", "a-1", "torres maya", "  maya  ", "aya tor"])
def test_a_patient_is_found_by_parts_of_name_and_number(world: World, staff: Staff, typed: str) -> None:
    add(world, "Luis", "Park", "B-2")
    text = words(staff().get(PATIENTS, {"q": typed}))
    assert "Maya Torres" in text
    assert "Luis Park" not in text


@pytest.mark.parametrize("typed", ["zzz", "%", "_", "\\", "🌿", "maya park", "' OR 1=1 --"])
def test_nobody_is_found_by_what_is_in_no_name(world: World, staff: Staff, typed: str) -> None:
    response = staff().get(PATIENTS, {"q": typed})
    assert response.status_code == 200
    assert "Nobody was found" in words(response)
    assert "Maya" not in words(response)


@pytest.mark.parametrize("typed", ["x" * 61, "Ma\u202eya", "\x07"])
def test_what_cannot_be_a_name_is_told_in_words(world: World, staff: Staff, typed: str) -> None:
    response = staff().get(PATIENTS, {"q": typed})
    assert response.status_code == 422
    assert title(response) == "Error: Patients"
    assert "There is a problem" in words(response)


def test_a_nul_is_refused(world: World, staff: Staff) -> None:
    assert staff().get(PATIENTS, {"q": "a\0b"}).status_code == 400


def test_what_was_typed_stands_in_the_field_again(world: World, staff: Staff) -> None:
    assert 'value="torr"' in staff().get(PATIENTS, {"q": "torr"}).content.decode()


def test_without_a_word_all_are_shown_with_their_last_visit(world: World, staff: Staff) -> None:
    world.treatment(TreatmentState.DISCHARGED, discharged_at=timezone.now(), discharged_by=world.nurse)
    add(world, "Luis", "Park", "B-2")
    text = words(staff().get(PATIENTS))
    assert "Maya Torres" in text
    assert "Left " in text
    assert "No visit yet" in text


def test_a_long_list_says_that_there_is_more(world: World, staff: Staff) -> None:
    for number in range(FOUND_AT_MOST):
        add(world, "Luis", f"Park{number}", f"B-{number}")
    assert "There are more." in words(staff().get(PATIENTS))
    assert "There are more." not in words(staff().get(PATIENTS, {"q": "park"}))


def test_the_list_of_another_clinic_holds_none_of_ours(world: World, other_world: World, staff: Staff) -> None:
    text = words(staff(at=other_world).get(PATIENTS, {"q": "a"}))
    assert "Jonas Weber" in text
    assert "Maya" not in text
    assert "Nobody was found" in words(staff(at=other_world).get(PATIENTS, {"q": "torres"}))
    with tenant(world.clinic.pk):
        assert Patient.objects.count() == 1


def test_one_patient_costs_as_many_queries_as_three(world: World, staff: Staff) -> None:
    browser, counts = staff(), []
    for number in range(3):
        with CaptureQueriesContext(connection) as queries:
            browser.get(reverse("clinic:patients"))
        counts.append(len(queries))
        world.treatment(TreatmentState.CLOSED)
        add(world, "Luis", "Park", f"B-{number}")
    assert counts[0] == counts[2]
    assert counts[0] <= 10
