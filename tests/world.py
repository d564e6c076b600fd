"""A small world for tests: a clinic with a nurse, a patient and a published protocol version."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from accounts.models import AuditEvent, Clinic, Country, Patient, StaffMember, User
from accounts.states import Role
from aftercare.tenancy import tenant
from prompts.models import Prompt
from timeline.document import ProtocolDocument
from timeline.models import Protocol, ProtocolVersion, Treatment
from timeline.packs import pack_keys, read_pack
from timeline.protocol import digest, dump
from timeline.states import TreatmentState, VersionState

NEW_YORK = ZoneInfo("America/New_York")
HOUR_ZERO = datetime(2026, 11, 24, 11, tzinfo=NEW_YORK).astimezone(UTC)


@cache
def iv_document() -> ProtocolDocument:
    """The shipped protocol for an infusion."""
    return next(document for document in map(read_pack, pack_keys()) if document.route == "iv")


@dataclass
class World:
    """One clinic with one nurse, one patient and one published protocol version."""

    clinic: Clinic
    nurse: StaffMember
    patient: Patient
    version: ProtocolVersion

    def treatment(self, state: TreatmentState = TreatmentState.DISCHARGED, **values: Any) -> Treatment:
        hour_zero = values.setdefault("hour_zero", HOUR_ZERO)
        moment = hour_zero or HOUR_ZERO
        values = {"planned_for": moment - timedelta(hours=1), **values}
        return Treatment.objects.create(
            clinic=self.clinic,
            patient=self.patient,
            protocol_version=self.version,
            state=state,
            zone=self.patient.zone,
            quiet_starts_at=self.patient.quiet_starts_at,
            quiet_ends_at=self.patient.quiet_ends_at,
            planned_by=self.nurse,
            planned_at=moment - timedelta(days=7),
            changed_at=moment,
            **values,
        )

    def prompt(self, treatment: Treatment, *, step: str, due_at: datetime, state: int = 0, **values: Any) -> Prompt:
        values = {"kind": "tip", "asks": False, "channel": "in_app", "plan_number": 1, **values}
        return Prompt.objects.create(
            clinic=self.clinic,
            patient=self.patient,
            treatment=treatment,
            step=step,
            due_at=due_at,
            window_ends_at=values.pop("window_ends_at", due_at + timedelta(minutes=30)),
            state=state,
            **values,
        )


@dataclass(frozen=True)
class Names:
    """What tells one world from another."""

    clinic: str
    sender: str
    zone: str
    nurse: str
    first_name: str
    last_name: str


CEDAR = Names("Cedar Street Clinic", "Cedar Street", "America/New_York", "Dana Reyes", "Maya", "Torres")
HARBOR = Names("Harbor Road Clinic", "Harbor Road", "America/Los_Angeles", "Lee Okafor", "Jonas", "Weber")


def make_world(names: Names = CEDAR) -> World:
    """Makes the rows, in a transaction of their clinic that is closed again."""
    clinic = Clinic.objects.create(
        name=names.clinic,
        sender_name=names.sender,
        zone=names.zone,
        country=Country.objects.get(code="US"),
        address="18 Cedar Street",
        phone="+15550100142",
        after_hours_phone="+15550100143",
        instructions="Call us before you take anything new.",
        is_demo=True,
    )
    nurse = make_staff(clinic, Role.NURSE, name=names.nurse)
    with tenant(clinic.pk):
        patient = Patient.objects.create(
            clinic=clinic,
            first_name=names.first_name,
            last_name=names.last_name,
            record_number="A-1",
            born_on=date(1990, 1, 2),
            zone=names.zone,
            assessed_on=HOUR_ZERO.date() - timedelta(days=14),
            assessed_by="Ana Ruiz, MD",
            created_at=HOUR_ZERO,
        )
        version = _published(clinic, nurse)
    return World(clinic, nurse, patient, version)


def acts() -> QuerySet[AuditEvent]:
    """What was done, oldest first; not who came in to do it."""
    return AuditEvent.objects.exclude(action="signed_in").order_by("pk")


def make_staff(clinic: Clinic, role: Role, *, name: str = "Sam Lindqvist") -> StaffMember:
    number = StaffMember.objects.count() + 1
    user = User.objects.create_user(f"{role}.{number}@{clinic.pk}.example.org")
    return StaffMember.objects.create(clinic=clinic, user=user, name=name, role=role)


@cache
def _written() -> tuple[dict[str, Any], str]:
    """The shipped protocol's content and digest, worked out once: nearly every test publishes it."""
    return dump(iv_document()), digest(iv_document())


def _published(clinic: Clinic, nurse: StaffMember) -> ProtocolVersion:
    document, (content, its_digest) = iv_document(), _written()
    protocol = Protocol.objects.create(clinic=clinic, key=document.key, name=document.name)
    version = ProtocolVersion.objects.create(
        clinic=clinic,
        protocol=protocol,
        number=1,
        state=VersionState.PUBLISHED,
        content=content,
        digest=its_digest,
        created_at=HOUR_ZERO,
        published_at=HOUR_ZERO,
        published_by=nurse,
    )
    version.document  # noqa: B018  (parsed once per process: counts of queries and times are of a warm one)
    return version
