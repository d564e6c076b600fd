"""The rows of a run: clinics, staff on duty with phones, and patients with a visit under way and a bound phone, or a message."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.contrib.sessions.models import Session
from django.utils import timezone
from django.utils.crypto import get_random_string

from accounts.middleware import CLINIC, DEVICE
from accounts.models import Channel, Device, Patient, StaffMember
from accounts.states import ChannelKind, Role
from aftercare.sessions import SessionStore, session_hash
from aftercare.tenancy import tenant
from alerts.models import OnCallShift
from prompts.models import Prompt
from prompts.states import PromptState
from tests.chaos.prompt_people import AFTER, STEP, address, noon, phone
from tests.world import CEDAR, HARBOR, World, make_staff, make_world
from timeline.models import Treatment
from timeline.states import TreatmentState

HOURS_AGO, ON_DUTY_FOR = timedelta(hours=2), timedelta(hours=12)


def fill(patients: int) -> list[str]:
    """The session keys of the patients' phones, of one clinic and the other by turns."""
    at = timezone.now()
    worlds = [make_world(names) for names in (CEDAR, HARBOR)]
    for number, world in enumerate(worlds):
        _on_duty(world, number, at=at)
    phones = [_phones(world, (patients + 1) // 2, at=at) for world in worlds]
    return [key for pair in zip(*phones, strict=True) for key in pair][:patients]


def fill_prompts(moments: Sequence[tuple[timedelta, timedelta, tuple[str, ...]]], *, at: datetime) -> None:
    """One patient with one message each: due so long after `at`, in a window of so long, by the first of these ways."""
    world, zone = make_world(CEDAR), noon(at)
    with tenant(world.clinic.pk):
        patients = [_patient(world, place, at=at) for place, _ in enumerate(moments)]
        for patient in patients:
            patient.zone = zone
        Patient.objects.bulk_create(patients)
        visits = [
            _visit(world, patient, at=at + after - AFTER + HOURS_AGO)
            for patient, (after, _, _) in zip(patients, moments, strict=True)
        ]
        for visit in visits:
            visit.started_at = visit.ended_at = visit.hour_zero
            visit.started_by = visit.ended_by = world.nurse
            visit.plan_number = 1
        Treatment.objects.bulk_create(visits)
        Channel.objects.bulk_create(
            _channel(patient, place, way, at=at)
            for place, (patient, (_, _, ways)) in enumerate(zip(patients, moments, strict=True))
            for way in ways
        )
        Prompt.objects.bulk_create(
            _prompt(visit, at + after, window, ways)
            for visit, (after, window, ways) in zip(visits, moments, strict=True)
        )


def _channel(patient: Patient, place: int, way: str, *, at: datetime) -> Channel:
    where = phone(place) if way == ChannelKind.SMS else address(place)
    return Channel(clinic_id=patient.clinic_id, patient=patient, kind=way, address=where, consented_at=at)


def _prompt(visit: Treatment, due_at: datetime, window: timedelta, ways: Sequence[str]) -> Prompt:
    return Prompt(
        clinic_id=visit.clinic_id,
        patient_id=visit.patient_id,
        treatment=visit,
        step=STEP,
        kind="check_in",
        asks=True,
        channel=ways[0] if ways else ChannelKind.IN_APP,
        plan_number=1,
        due_at=due_at,
        window_ends_at=due_at + window,
        state=PromptState.WAITING,
    )


def _on_duty(world: World, number: int, *, at: datetime) -> None:
    """A nurse first, a clinician second, and a manager besides; each with a number of their own."""
    people: Sequence[StaffMember] = (
        world.nurse,
        make_staff(world.clinic, Role.CLINICIAN, name="Ana Ruiz"),
        make_staff(world.clinic, Role.MANAGER, name="Kim Novak"),
    )
    for place, member in enumerate(people):
        member.phone = f"+155501{number}{place:02}01"[:12]
        member.save(update_fields=["phone"])
    with tenant(world.clinic.pk):
        OnCallShift.objects.bulk_create(
            OnCallShift(
                clinic=world.clinic,
                staff=member,
                seat=seat,
                starts_at=at - timedelta(hours=1),
                ends_at=at + ON_DUTY_FOR,
                added_at=at,
                added_by=member,
            )
            for seat, member in enumerate(people[:2])
        )


def _phones(world: World, count: int, *, at: datetime) -> list[str]:
    with tenant(world.clinic.pk):
        patients = Patient.objects.bulk_create(_patient(world, number, at=at) for number in range(count))
        Treatment.objects.bulk_create(_visit(world, patient, at=at) for patient in patients)
        devices = Device.objects.bulk_create(
            Device(clinic=world.clinic, patient=patient, bound_at=at - HOURS_AGO) for patient in patients
        )
    keys = [get_random_string(32) for _ in devices]
    Session.objects.bulk_create(_session(key, device, at=at) for key, device in zip(keys, devices, strict=True))
    return keys


def _patient(world: World, number: int, *, at: datetime) -> Patient:
    return Patient(
        clinic=world.clinic,
        first_name="Robin",
        last_name=f"Number {number}",
        record_number=f"C-{number}",
        born_on=date(1988, 5, 6),
        zone=world.clinic.zone,
        assessed_on=at.date(),
        assessed_by="Ana Ruiz, MD",
        created_at=at,
    )


def _visit(world: World, patient: Patient, *, at: datetime) -> Treatment:
    hour_zero = at - HOURS_AGO
    return Treatment(
        clinic=world.clinic,
        patient=patient,
        protocol_version=world.version,
        state=TreatmentState.DISCHARGED,
        hour_zero=hour_zero,
        planned_for=hour_zero - timedelta(hours=1),
        zone=patient.zone,
        quiet_starts_at=patient.quiet_starts_at,
        quiet_ends_at=patient.quiet_ends_at,
        planned_by=world.nurse,
        planned_at=hour_zero - timedelta(days=7),
        changed_at=hour_zero,
    )


def _session(key: str, device: Device, *, at: datetime) -> Session:
    values = {DEVICE: str(device.pk), CLINIC: str(device.clinic_id)}
    return Session(
        session_key=session_hash(key), session_data=SessionStore().encode(values), expire_date=at + timedelta(days=30)
    )
