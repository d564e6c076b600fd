"""Who picks a patient up and who stays: named by the patient, for the visit that comes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from accounts.models import Escort, Patient
from accounts.queries import escorts_of, last_consent
from accounts.services import end_escort, name_escort, record, record_consent
from accounts.states import ConsentKind, ConsentWay
from alerts.services import raise_alert
from pickup.models import PickupLink
from pickup.services.causes import NOBODY, nobody_named
from timeline.models import SetUpStep, Treatment
from timeline.services import finish_part
from timeline.set_up import NOBODY_DRIVES


@dataclass(frozen=True, slots=True)
class People:
    """What the page says. `driver` is "" when the patient has nobody; `stayer` is "same", "other" or "nobody".

    Numbers are as stored, or "". `may_ask` is None where nobody stays.
    """

    driver: str
    driver_phone: str
    stayer: str
    stayer_name: str
    stayer_phone: str
    is_initial: bool
    may_ask: bool | None


def name_people(visit: Treatment, people: People, *, at: datetime) -> None:
    """Inside tenant(). Who is the same person as before keeps their link; somebody else ends it."""
    patient: Patient = visit.patient
    with transaction.atomic():
        Patient.objects.select_for_update(no_key=True).get(pk=patient.pk)
        before = escorts_of(patient)
        if people.driver:
            _name_driver(visit, people, at=at)
        elif before.driver:
            end_escort(before.driver, by=patient, at=at)
        _name_stayer(patient, people, at=at)
        if patient.is_initial_for_escorts != people.is_initial:
            patient.is_initial_for_escorts = people.is_initial
            patient.save(update_fields=["is_initial_for_escorts"])
        _agree(patient, people.may_ask, at=at)
        _mark(visit, has_driver=bool(people.driver), at=at)
        finish_part(visit, "people", at=at)


def _name_driver(visit: Treatment, people: People, *, at: datetime) -> None:
    patient, stays_too = visit.patient, people.stayer == "same"
    driver = name_escort(
        patient,
        task=Escort.Task.DRIVES,
        name=people.driver,
        phone=people.driver_phone,
        stays_too=stays_too,
        by=patient,
        at=at,
    )
    PickupLink.objects.filter(treatment=visit, escort=driver).update(stays=stays_too)


def _name_stayer(patient: Patient, people: People, *, at: datetime) -> None:
    if people.stayer == "other":
        name_escort(
            patient,
            task=Escort.Task.STAYS,
            name=people.stayer_name,
            phone=people.stayer_phone,
            by=patient,
            at=at,
        )
        return
    for stayer in Escort.objects.filter(patient=patient, task=Escort.Task.STAYS, ended_at=None):
        end_escort(stayer, by=patient, at=at)


def _agree(patient: Patient, may_ask: bool | None, *, at: datetime) -> None:
    """A yes or a no of the patient's own; where it is as it was, no line is added."""
    said = last_consent(ConsentKind.ASK_STAYER, patient=patient)
    if may_ask is not None and (said is None or said.given != may_ask):
        record_consent(ConsentKind.ASK_STAYER, given=may_ask, patient=patient, way=ConsentWay.SET_UP, by=patient, at=at)


def _mark(visit: Treatment, *, has_driver: bool, at: datetime) -> None:
    """Staff see who has nobody, and are told once each time."""
    if has_driver:
        SetUpStep.objects.filter(treatment=visit, key=NOBODY_DRIVES).delete()
        return
    if SetUpStep.objects.filter(treatment=visit, key=NOBODY_DRIVES).exists():
        return
    finish_part(visit, NOBODY_DRIVES, at=at)
    record(NOBODY, on=visit, at=at, by=visit.patient)
    raise_alert(nobody_named(visit, "They have nobody who can bring them home.", at=at), at=at)
