"""A treatment's life: hour 0 by route, one winner when two act, and what can't be undone."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections

from accounts.models import AuditEvent
from accounts.states import Role
from aftercare.state import AlreadyMoved
from aftercare.tenancy import tenant
from tests.world import HOUR_ZERO, World, make_staff
from timeline.models import ProtocolVersion, Treatment
from timeline.packs import read_pack
from timeline.services import (
    TimeNotPossible,
    TreatmentOpen,
    VersionNotUsable,
    cancel_treatment,
    close_finished,
    correct_hour_zero,
    discharge_treatment,
    draft_version,
    end_badly,
    end_treatment,
    plan_treatment,
    publish_version,
    start_treatment,
)
from timeline.states import BadEnding, TreatmentState

STARTED = HOUR_ZERO - timedelta(minutes=45)


def planned(world: World, version: ProtocolVersion | None = None) -> Treatment:
    return plan_treatment(
        world.patient,
        version=version or world.version,
        planned_for=STARTED,
        by=world.nurse,
        at=STARTED - timedelta(days=1),
    )


def spravato(world: World) -> ProtocolVersion:
    version = draft_version(read_pack("spravato"), by=world.nurse, at=STARTED, clinic_id=world.clinic.pk)
    return publish_version(version, by=make_staff(world.clinic, Role.CLINICIAN), at=STARTED)


@pytest.mark.django_db
def test_hour_zero_of_an_infusion_is_its_end(world: World) -> None:
    treatment = start_treatment(planned(world), by=world.nurse, at=STARTED)
    assert treatment.hour_zero is None
    assert end_treatment(treatment, by=world.nurse, at=HOUR_ZERO).hour_zero == HOUR_ZERO


@pytest.mark.django_db
def test_hour_zero_of_the_spray_is_the_first_device(world: World) -> None:
    treatment = start_treatment(planned(world, spravato(world)), by=world.nurse, at=STARTED)
    assert (treatment.hour_zero, treatment.plan_number) == (STARTED, 1)
    end_treatment(treatment, by=world.nurse, at=HOUR_ZERO)
    assert (treatment.hour_zero, treatment.plan_number) == (STARTED, 1)


@pytest.mark.django_db
def test_each_step_leaves_a_line_with_who_and_when(world: World) -> None:
    treatment = start_treatment(planned(world), by=world.nurse, at=STARTED)
    end_treatment(treatment, by=world.nurse, at=HOUR_ZERO)
    discharge_treatment(treatment, by=world.nurse, at=HOUR_ZERO + timedelta(hours=1))
    lines = AuditEvent.objects.filter(object=str(treatment.pk)).order_by("pk").values_list("action", "actor")
    actions = ["treatment_planned", "treatment_in_treatment", "treatment_recovering", "treatment_discharged"]
    assert list(lines) == [(action, world.nurse.pk) for action in actions]


ACTS: dict[str, Callable[[Treatment, Any], Treatment]] = {
    "start": lambda treatment, by: start_treatment(treatment, by=by, at=HOUR_ZERO),
    "end": lambda treatment, by: end_treatment(treatment, by=by, at=HOUR_ZERO),
    "discharge": lambda treatment, by: discharge_treatment(treatment, by=by, at=HOUR_ZERO),
    "cancel": lambda treatment, by: cancel_treatment(treatment, by=by, at=HOUR_ZERO),
    "end badly": lambda treatment, by: end_badly(treatment, reason=BadEnding.HOSPITAL, by=by, at=HOUR_ZERO),
}
ALLOWED = {
    TreatmentState.PLANNED: {"start", "cancel"},
    TreatmentState.IN_TREATMENT: {"end", "end badly"},
    TreatmentState.RECOVERING: {"discharge", "end badly"},
    TreatmentState.DISCHARGED: {"end badly"},
    TreatmentState.ENDED_BADLY: set[str](),
    TreatmentState.CANCELLED: set[str](),
    TreatmentState.CLOSED: set[str](),
}


@pytest.mark.django_db
@pytest.mark.parametrize("act", sorted(ACTS))
@pytest.mark.parametrize("state", list(ALLOWED))
def test_a_step_is_possible_from_its_states_only(world: World, state: TreatmentState, act: str) -> None:
    values: dict[str, Any] = (
        {"hour_zero": None} if state in {TreatmentState.PLANNED, TreatmentState.IN_TREATMENT} else {}
    )
    if state is TreatmentState.IN_TREATMENT:
        values |= {"started_at": STARTED, "started_by": world.nurse}
    if state is TreatmentState.ENDED_BADLY:
        values |= {
            "ended_badly_at": HOUR_ZERO,
            "ended_badly_by": world.nurse,
            "ended_badly_reason": BadEnding.STOPPED_EARLY,
        }
    treatment = world.treatment(state, **values)
    if act in ALLOWED[state]:
        assert ACTS[act](treatment, world.nurse).state != state
    else:
        with pytest.raises(AlreadyMoved):
            ACTS[act](treatment, world.nurse)
        assert Treatment.objects.get().state == state


def test_of_many_who_start_at_once_one_wins_and_the_others_are_told_who(world: World, committed: None) -> None:
    with tenant(world.clinic.pk):
        treatment = planned(world)
    nurses = [make_staff(world.clinic, Role.NURSE, name=f"Nurse {number}") for number in range(6)]

    def start(nurse: Any) -> str:
        try:
            with tenant(world.clinic.pk):
                start_treatment(Treatment.objects.get(pk=treatment.pk), by=nurse, at=STARTED)
            return "won"
        except AlreadyMoved as error:
            return str(error)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as threads:
        told = list(threads.map(start, nurses))
    winner = nurses[told.index("won")]
    assert sorted(told)[:-1] == [f"{winner} started this visit."] * 5
    with tenant(world.clinic.pk):
        assert AuditEvent.objects.filter(action="treatment_in_treatment").count() == 1


@pytest.mark.django_db
def test_a_patient_has_one_planned_visit_and_one_under_way(world: World) -> None:
    planned(world)
    with pytest.raises(TreatmentOpen, match="planned visit"):
        planned(world)
    first = start_treatment(Treatment.objects.get(), by=world.nurse, at=STARTED)
    end_treatment(first, by=world.nurse, at=HOUR_ZERO)
    following = planned(world)
    with pytest.raises(TreatmentOpen, match="24 hours"):
        start_treatment(following, by=world.nurse, at=HOUR_ZERO + timedelta(hours=20))


@pytest.mark.django_db
def test_a_start_closes_the_last_visit_once_its_day_is_over(world: World) -> None:
    first = start_treatment(planned(world), by=world.nurse, at=STARTED)
    end_treatment(first, by=world.nurse, at=HOUR_ZERO)
    start_treatment(planned(world), by=world.nurse, at=HOUR_ZERO + timedelta(hours=25))
    first.refresh_from_db()
    assert first.state == TreatmentState.CLOSED


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("hours", "words"), [(1.5, "still to come"), (-14, "more than 12 hours"), (-0.9, None), (0.9, None)]
)
def test_hour_zero_is_a_past_moment_near_the_start(world: World, hours: float, words: str | None) -> None:
    treatment = start_treatment(planned(world), by=world.nurse, at=STARTED)
    end_treatment(treatment, by=world.nurse, at=HOUR_ZERO)
    at, moment = HOUR_ZERO + timedelta(hours=1), HOUR_ZERO + timedelta(hours=hours)
    if words:
        with pytest.raises(TimeNotPossible, match=words):
            correct_hour_zero(treatment, hour_zero=moment, seen_plan=1, by=world.nurse, at=at)
    else:
        correct_hour_zero(treatment, hour_zero=moment, seen_plan=1, by=world.nurse, at=at)
        assert treatment.hour_zero == treatment.ended_at == moment
        assert treatment.started_at is not None
        assert treatment.started_at <= moment


@pytest.mark.django_db
def test_a_closed_day_is_over_for_good(world: World) -> None:
    treatment = start_treatment(planned(world), by=world.nurse, at=STARTED)
    end_treatment(treatment, by=world.nurse, at=HOUR_ZERO)
    assert close_finished(at=HOUR_ZERO + timedelta(hours=47)) == 0
    assert close_finished(at=HOUR_ZERO + timedelta(hours=49)) == 1
    with pytest.raises(AlreadyMoved):
        correct_hour_zero(
            treatment, hour_zero=HOUR_ZERO, seen_plan=1, by=world.nurse, at=HOUR_ZERO + timedelta(hours=50)
        )


@pytest.mark.django_db
def test_a_real_clinic_gives_signed_versions_only(world: World) -> None:
    world.nurse.clinic.is_demo = False
    with pytest.raises(VersionNotUsable):
        planned(world)


@pytest.mark.django_db
def test_a_draft_can_not_be_given(world: World) -> None:
    document = replace(read_pack("spravato"), name="Another")
    draft = draft_version(document, by=world.nurse, at=STARTED, clinic_id=world.clinic.pk)
    with pytest.raises(VersionNotUsable):
        planned(world, draft)


@pytest.mark.django_db
def test_the_first_device_may_turn_out_to_be_later_than_the_end_that_was_noted(world: World) -> None:
    treatment = start_treatment(planned(world, spravato(world)), by=world.nurse, at=STARTED)
    end_treatment(treatment, by=world.nurse, at=STARTED + timedelta(minutes=10))
    true = STARTED + timedelta(minutes=40)
    correct_hour_zero(treatment, hour_zero=true, seen_plan=1, by=world.nurse, at=HOUR_ZERO)
    assert treatment.hour_zero == treatment.started_at == treatment.ended_at == true


@pytest.mark.django_db
def test_a_correction_keeps_what_was_there_before_in_the_audit_trail(world: World) -> None:
    treatment = start_treatment(planned(world), by=world.nurse, at=STARTED)
    end_treatment(treatment, by=world.nurse, at=HOUR_ZERO)
    correct_hour_zero(
        treatment,
        hour_zero=STARTED - timedelta(hours=1),
        seen_plan=1,
        by=world.nurse,
        at=HOUR_ZERO + timedelta(hours=1),
    )
    facts = AuditEvent.objects.get(action="hour_zero_corrected").facts
    assert facts["was_hour_zero"] == facts["was_ended_at"] == HOUR_ZERO.isoformat()
    assert facts["was_started_at"] == STARTED.isoformat()


@pytest.mark.django_db
@pytest.mark.parametrize("route", ["iv", "spravato"])
def test_a_visit_whose_end_was_forgotten_closes_and_leaves_a_line(world: World, route: str) -> None:
    version = spravato(world) if route == "spravato" else None
    treatment = start_treatment(planned(world, version), by=world.nurse, at=STARTED)
    with pytest.raises(TreatmentOpen, match="never ended"):
        start_treatment(planned(world), by=world.nurse, at=STARTED + timedelta(hours=13))
    assert close_finished(at=STARTED + timedelta(days=3)) == 1
    treatment.refresh_from_db()
    assert treatment.state == TreatmentState.CLOSED
    assert AuditEvent.objects.filter(action="treatment_closed", object=str(treatment.pk)).count() == 1


@pytest.mark.django_db
def test_who_comes_second_is_told_when_the_step_was_made_and_not_what_came_after(world: World) -> None:
    treatment = start_treatment(planned(world), by=world.nurse, at=STARTED)
    end_treatment(treatment, by=world.nurse, at=HOUR_ZERO)
    later = HOUR_ZERO + timedelta(minutes=50)
    correct_hour_zero(treatment, hour_zero=HOUR_ZERO, seen_plan=1, by=world.nurse, at=later)
    with pytest.raises(AlreadyMoved, match="Dana Reyes ended this treatment") as told:
        end_treatment(treatment, by=world.nurse, at=later)
    assert told.value.happened_at == HOUR_ZERO


@pytest.mark.django_db
def test_an_end_that_came_long_before_is_told_with_who_made_it(world: World) -> None:
    """Not as a time that can't be: the visit is ended already."""
    treatment = start_treatment(planned(world), by=world.nurse, at=STARTED)
    end_treatment(treatment, by=world.nurse, at=HOUR_ZERO)
    with pytest.raises(AlreadyMoved, match="Dana Reyes ended this treatment"):
        end_treatment(treatment, by=world.nurse, at=HOUR_ZERO + timedelta(hours=20))
