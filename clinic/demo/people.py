"""Makes the demo's people where they are missing, and finds them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from accounts.models import Channel, Clinic, Device, Patient, StaffMember, User
from accounts.queries import HISTORY_RECORDED, last_change
from accounts.services import add_patient, record_history, set_pin
from accounts.states import ChannelKind, DeviceScope
from clinic.demo.cast import (
    ASSESSOR,
    CEDAR,
    DEMO_PIN,
    HARBOR,
    HAVE_PIN,
    HOME_ZONE,
    ON_A_SET_UP_PHONE,
    PATIENTS,
    SET_UP,
    STAFF,
    Colleague,
    Person,
)
from timeline.models import ProtocolVersion
from timeline.packs import read_pack
from timeline.protocol import digest
from timeline.services import draft_version, publish_version
from timeline.states import VersionState

# How long they are known here, and have agreed to what goes out: longer than all that the demo tells.
KNOWN_FOR, ASSESSED_AGO = timedelta(days=30), timedelta(days=32)
QUIET = (time(21), time(8))


def staff_of(key: str) -> StaffMember | None:
    """The made-up member of the staff with this key, when the demo has been filled."""
    colleague = next((colleague for colleague in STAFF if colleague.key == key), None)
    return StaffMember.objects.filter(user__email=email_of(colleague)).first() if colleague else None


def patient_of(key: str) -> Patient | None:
    """The made-up patient with this key; inside tenant(CEDAR)."""
    key = ON_A_SET_UP_PHONE if key == SET_UP else key
    person = next((person for person in PATIENTS if person.key == key), None)
    return Patient.objects.filter(record_number=person.record_number).first() if person else None


def bind_demo_phone(patient: Patient, key: str, *, at: datetime) -> Device:
    """A phone for a newcomer's browser, as if the nurse had bound it, or an invitation for the set-up."""
    scope = DeviceScope.SET_UP if key == SET_UP else DeviceScope.FULL
    return Device.objects.create(clinic_id=patient.clinic_id, patient=patient, bound_at=at, scope=scope)


def one_at_a_time() -> None:
    """Two starts at once: the second waits for the first, then begins anew."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('demo'))")


def ensure_clinic(clinic_id: UUID) -> None:
    week = {day: ["08:00", "18:00"] for day in ("mon", "tue", "wed", "thu", "fri")} | {"sat": ["09:00", "13:00"]}
    shared = {"zone": HOME_ZONE, "country_id": "US", "opening_hours": week, "is_demo": True}
    own: dict[UUID, dict[str, Any]] = {
        CEDAR: {
            "name": "Cedar Street Clinic",
            "sender_name": "Cedar Street",
            "address": "18 Cedar Street, 2nd floor",
            "minimum_stay_minutes": 60,
            "phone": "+12125550101",
            "after_hours_phone": "+12125550102",
            "before_visit": (
                "No solid food for 6 hours before your visit. Water is fine until 2 hours before.\n\n"
                "Take your usual morning pills with a sip of water, unless your nurse told you otherwise."
            ),
            "instructions": "What your nurse told you comes first. Call us before you take anything new.",
        },
        HARBOR: {
            "name": "Harbor Lane Clinic",
            "sender_name": "Harbor Lane",
            "address": "4 Harbor Lane",
            "phone": "+12125550103",
        },
    }
    Clinic.objects.update_or_create(pk=clinic_id, defaults=shared | own[clinic_id])


def ensure_staff(clinic_id: UUID) -> Iterable[StaffMember]:
    for colleague in STAFF:
        if colleague.clinic == clinic_id:
            email = email_of(colleague)
            user = User.objects.filter(email=email).first() or User.objects.create_user(email)
            member, _ = StaffMember.objects.update_or_create(
                user=user,
                defaults={
                    "clinic_id": clinic_id,
                    "name": colleague.name,
                    "credentials": colleague.credentials,
                    "role": colleague.role,
                    "phone": colleague.phone,
                    "is_active": True,
                },
            )
            yield member


def email_of(colleague: Colleague) -> str:
    """An address that can't exist. The user has no password: only the start page signs in."""
    return f"{colleague.key.replace('_', '.')}@demo.invalid"


def ensure_version(key: str, *, by: StaffMember, at: datetime, anew: bool) -> ProtocolVersion:
    """The version in use; the shipped pack where there is none, or `anew` where it is another."""
    in_use = ProtocolVersion.objects.filter(protocol__key=key, state=VersionState.PUBLISHED)
    used: ProtocolVersion | None = in_use.first()
    if used and not (anew and used.digest != digest(read_pack(key))):
        return used
    draft = draft_version(read_pack(key), by=by, at=at, clinic_id=by.clinic_id)
    return publish_version(draft, by=by, at=at)


def ensure_patient(person: Person, *, by: StaffMember, at: datetime) -> Patient:
    patient = Patient.objects.filter(record_number=person.record_number).first()
    if patient is None:
        patient = add_patient(
            by=by,
            at=at - KNOWN_FOR,
            first_name=person.first_name,
            last_name=person.last_name,
            record_number=person.record_number,
            born_on=person.born_on,
            zone=HOME_ZONE,
            phone=person.phone,
            texts_agreed=person.texts != "declined",
            email=person.email,
            emails_agreed=bool(person.email),
        )
    if person.texts == "stopped":
        Channel.objects.filter(patient=patient, kind=ChannelKind.SMS, stopped_at=None).update(stopped_at=at)
    elif person.texts == "on":
        Channel.objects.filter(patient=patient, kind=ChannelKind.SMS).update(
            consented_at=at - KNOWN_FOR, stopped_at=None, failed_at=None, failed_code=""
        )
    if person.email:
        mail = {"address": person.email, "consented_at": at - KNOWN_FOR}
        mail |= {"stopped_at": None, "failed_at": None, "failed_code": ""}
        Channel.objects.update_or_create(
            clinic_id=person.clinic, patient=patient, kind=ChannelKind.EMAIL, defaults=mail
        )
    _know_again(patient, person, by=by, at=at)
    if person.key in HAVE_PIN:
        set_pin(patient, DEMO_PIN)
    return move_to(patient, HOME_ZONE)


def _know_again(patient: Patient, person: Person, *, by: StaffMember, at: datetime) -> None:
    """What the story says of the past, whatever a newcomer has noted since."""
    history, change = person.history, last_change(patient, HISTORY_RECORDED)
    if patient.history != (history if history is None else sorted(history)):
        seen = change.id if change else 0
        patient.history = record_history(patient, flags=history, seen=seen, by=by, at=at).history
    patient.assessed_on = (at - ASSESSED_AGO).date() if person.is_assessed else None
    patient.assessed_by = ASSESSOR if person.is_assessed else ""
    patient.history_told, patient.history_told_at = None, None
    patient.quiet_starts_at, patient.quiet_ends_at = QUIET
    told = ["history_told", "history_told_at", "quiet_starts_at", "quiet_ends_at"]
    patient.save(update_fields=["assessed_on", "assessed_by", *told])


def move_to(patient: Patient, zone: str) -> Patient:
    patient.zone = zone
    patient.save(update_fields=["zone"])
    return patient
