"""A clinic's own thresholds: only to the safer side, on record, and in force for the next answer."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from accounts.models import AuditEvent, Clinic
from accounts.states import Role
from checkin.queries import rules_of
from tests.conftest import StaffClient
from tests.world import World
from timeline.packs import read_triage
from timeline.triage_document import shown

pytestmark = pytest.mark.django_db
PAGE = "/staff/thresholds/"
Staff = Callable[..., StaffClient]


def as_shipped(**changed: str) -> dict[str, str]:
    return {**{key: shown(value) for key, value in read_triage().values().items()}, **changed}


def test_a_safer_number_is_saved_and_holds(staff: Staff, world: World) -> None:
    threshold = next(each for each in read_triage().thresholds if each.safer == "lower" and each.value > 1)
    page = staff(Role.CLINICIAN).post(PAGE, as_shipped(**{threshold.key: shown(threshold.value - 1)}))
    assert page.status_code == 303
    clinic = Clinic.objects.get(pk=world.clinic.pk)
    assert clinic.thresholds == {threshold.key: threshold.value - 1}
    assert rules_of(None, clinic).threshold(threshold.key) == threshold.value - 1
    assert AuditEvent.objects.filter(action="thresholds_set").count() == 1


@pytest.mark.parametrize("safer", ["lower", "higher"])
def test_the_less_safe_side_is_refused_and_what_was_typed_stays(staff: Staff, world: World, safer: str) -> None:
    threshold = next(each for each in read_triage().thresholds if each.safer == safer)
    value = threshold.value + (1 if safer == "lower" else -1)
    page = staff(Role.MANAGER).post(PAGE, as_shipped(**{threshold.key: shown(value)}))
    assert page.status_code == 422
    assert f'value="{shown(value)}"' in page.content.decode()
    assert f"this may be at {'most' if safer == 'lower' else 'least'}" in page.content.decode()
    assert Clinic.objects.get(pk=world.clinic.pk).thresholds == {}


@pytest.mark.parametrize("typed", ["", "x", "nan", "1e400", "-5", "99999"])
def test_what_is_no_number_of_ours_is_told(staff: Staff, typed: str) -> None:
    key = next(each.key for each in read_triage().thresholds if each.safer == "lower")
    assert staff(Role.CLINICIAN).post(PAGE, as_shipped(**{key: typed})).status_code == 422


def test_what_ships_is_not_kept_as_the_clinics_own(staff: Staff, world: World) -> None:
    assert staff(Role.CLINICIAN).post(PAGE, as_shipped()).status_code == 303
    assert Clinic.objects.get(pk=world.clinic.pk).thresholds == {}
    assert not AuditEvent.objects.filter(action="thresholds_set").exists()


def test_a_number_that_a_version_does_not_know_refuses_no_answer(world: World) -> None:
    world.clinic.thresholds = {"of_long_ago": 3, next(iter(read_triage().values())): -1}
    assert rules_of(None, world.clinic) == read_triage()
