"""Many patients with a key each, made in one go, and some who write and read meanwhile."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4

from django.contrib.auth.hashers import make_password
from django.contrib.sessions.models import Session
from django.utils import timezone
from django.utils.crypto import get_random_string

from accounts.middleware import CLINIC, DEVICE
from accounts.models import Device, Patient
from accounts.services.pins import _peppered
from aftercare.sessions import SessionStore, session_hash
from aftercare.tenancy import as_journal, tenant
from journal.crypto import KeyPlace, KeyRing, new_key, wrap
from journal.models import JournalKey
from tests.journal.pages import PIN
from tests.world import CEDAR, World, make_world

BATCH = 1000


def fill(*, keys: int, phones: int, ring: str) -> list[str]:
    """A clinic with so many patients, each with a key that the ring's current key wraps. The cookies of the phones."""
    world, at = make_world(CEDAR), timezone.now()
    add_keys(world, keys=keys, ring=KeyRing.read(ring), at=at)
    return add_phones(world, phones=phones, at=at)


def add_keys(world: World, *, keys: int, ring: KeyRing, at: datetime) -> None:
    for begins in range(0, keys, BATCH):
        with tenant(world.clinic.pk):
            people = _patients(world, "K", range(begins, min(begins + BATCH, keys)))
            with as_journal():
                JournalKey.objects.bulk_create(_key(each, ring, at) for each in people)


def add_phones(world: World, *, phones: int, at: datetime) -> list[str]:
    """Bound, with a PIN. Their patients have no key yet."""
    with tenant(world.clinic.pk):
        people = _patients(world, "P", range(phones), pin_hash=make_password(_peppered(PIN)))
        devices = Device.objects.bulk_create(
            Device(clinic=world.clinic, patient=each, bound_at=at - timedelta(hours=1)) for each in people
        )
    keys = [get_random_string(32) for _ in devices]
    Session.objects.bulk_create(_session(*each, at=at) for each in zip(keys, devices, strict=True))
    return keys


def _patients(world: World, letter: str, numbers: range, **values: str) -> list[Patient]:
    kept = Patient.objects.get(pk=world.patient.pk)
    shared = {field.attname: getattr(kept, field.attname) for field in Patient._meta.concrete_fields}
    return Patient.objects.bulk_create(
        Patient(**shared | values | {"id": uuid4(), "record_number": f"{letter}-{number}"}) for number in numbers
    )


def _key(patient: Patient, ring: KeyRing, at: datetime) -> JournalKey:
    place = KeyPlace(str(patient.clinic_id), str(patient.pk), version=1)
    ring_key, wrapped = wrap(new_key(), ring=ring, place=place)
    return JournalKey(
        clinic_id=patient.clinic_id, patient=patient, version=1, ring_key=ring_key, wrapped=wrapped, created_at=at
    )


def _session(key: str, device: Device, *, at: datetime) -> Session:
    values = {DEVICE: str(device.pk), CLINIC: str(device.clinic_id)}
    return Session(
        session_key=session_hash(key), session_data=SessionStore().encode(values), expire_date=at + timedelta(days=30)
    )
