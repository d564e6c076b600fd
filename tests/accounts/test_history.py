"""The past and the assessment on record: who, when, what was there before, and nobody written over unseen."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from django.db import connections

from accounts.models import AuditEvent, Patient
from accounts.queries import ASSESSMENT_RECORDED, HISTORY_RECORDED, last_change
from accounts.services import record_assessment, record_history
from accounts.states import Role
from aftercare.state import AlreadyMoved
from aftercare.tenancy import tenant
from tests.world import HOUR_ZERO, World, make_staff


@pytest.mark.django_db
def test_a_history_is_kept_with_who_and_when_and_what_was_there_before(world: World) -> None:
    record_history(world.patient, flags=["diabetes", "blood_thinner"], seen=0, by=world.nurse, at=HOUR_ZERO)
    first = last_change(world.patient, HISTORY_RECORDED)
    assert first and (first.who, first.at, first.by) == ("Dana Reyes", HOUR_ZERO, world.nurse.pk)
    record_history(world.patient, flags=[], seen=first.id, by=world.nurse, at=HOUR_ZERO + timedelta(hours=1))
    assert Patient.objects.get().history == []
    facts = [event.facts for event in AuditEvent.objects.filter(action=HISTORY_RECORDED).order_by("pk")]
    assert facts == [
        {"flags": ["blood_thinner", "diabetes"], "was": None},
        {"flags": [], "was": ["blood_thinner", "diabetes"]},
    ]


@pytest.mark.django_db
def test_not_asked_can_be_put_back_and_is_not_the_same_as_none_of_these(world: World) -> None:
    record_history(world.patient, flags=[], seen=0, by=world.nurse, at=HOUR_ZERO)
    assert not Patient.objects.filter(history__isnull=True).exists()
    change = last_change(world.patient, HISTORY_RECORDED)
    assert change
    record_history(world.patient, flags=None, seen=change.id, by=world.nurse, at=HOUR_ZERO)
    assert Patient.objects.filter(history__isnull=True).exists()


@pytest.mark.django_db
def test_who_looked_at_an_older_history_changes_nothing_and_reads_who_was_first(world: World) -> None:
    second = make_staff(world.clinic, Role.CLINICIAN)
    record_history(world.patient, flags=["diabetes"], seen=0, by=world.nurse, at=HOUR_ZERO)
    with pytest.raises(AlreadyMoved, match="Dana Reyes changed this meanwhile") as caught:
        record_history(world.patient, flags=[], seen=0, by=second, at=HOUR_ZERO + timedelta(minutes=1))
    assert (caught.value.happened_at, caught.value.by) == (HOUR_ZERO, world.nurse.pk)
    assert Patient.objects.get().history == ["diabetes"]


@pytest.mark.django_db
def test_an_assessment_and_a_history_do_not_stand_in_each_others_way(world: World) -> None:
    record_history(world.patient, flags=["diabetes"], seen=0, by=world.nurse, at=HOUR_ZERO)
    day = date(2026, 11, 20)
    record_assessment(world.patient, assessed_on=day, assessed_by="Bo Li, MD", seen=0, by=world.nurse, at=HOUR_ZERO)
    patient = Patient.objects.get()
    assert (patient.assessed_on, patient.assessed_by, patient.history) == (day, "Bo Li, MD", ["diabetes"])


@pytest.mark.django_db
def test_the_audit_trail_of_an_assessment_holds_days_and_no_name(world: World) -> None:
    was = world.patient.assessed_on
    assert was
    day = date(2026, 11, 20)
    record_assessment(world.patient, assessed_on=day, assessed_by="Bo Li, MD", seen=0, by=world.nurse, at=HOUR_ZERO)
    event = AuditEvent.objects.get(action=ASSESSMENT_RECORDED)
    assert event.facts == {"assessed_on": "2026-11-20", "was": was.isoformat()}


def test_of_two_who_save_at_the_same_moment_the_later_is_told(committed: None, world: World) -> None:
    people = [world.nurse, make_staff(world.clinic, Role.CLINICIAN)]

    def save(number: int) -> str:
        try:
            with tenant(world.clinic.pk):
                flags = [("diabetes",), ("pregnant",)][number]
                record_history(world.patient, flags=flags, seen=0, by=people[number], at=HOUR_ZERO)
            return "saved"
        except AlreadyMoved:
            return "told"
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(save, range(2))) == ["saved", "told"]
    with tenant(world.clinic.pk):
        assert AuditEvent.objects.filter(action=HISTORY_RECORDED).count() == 1
