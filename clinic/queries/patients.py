"""One patient, and many: who they are, and how they are reached."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Prefetch, Q

from accounts.models import Channel, Clinic, Device, Patient
from accounts.phones import show_phone
from accounts.states import ChannelKind
from aftercare.dates import day_words
from clinic.queries.check_ins import CheckInLine, last_check_ins
from clinic.queries.fates import ASKED_FOR, with_tries
from clinic.queries.history import PatientHistory, history_card
from clinic.queries.logs import ToldLine, told_lines
from clinic.queries.questionnaires import TotalLine, last_totals
from clinic.queries.reach_words import WayWords, way_words
from clinic.queries.visits import PromptLine, Visit, prompt_line, visits_of
from clinic.queries.words import status_words
from clinic.roles import TREATS
from prompts.models import Prompt
from timeline.models import Treatment
from timeline.phases import clock_words

FOUND_AT_MOST = 50
ASKED_FOR_SHOWS, ASKED_FOR_AT_MOST = timedelta(days=7), 3


@dataclass(frozen=True, slots=True)
class Found:
    """One patient in the list."""

    patient_id: UUID
    name: str
    record_number: str
    born_on: str
    last_visit: str


@dataclass(frozen=True, slots=True)
class PatientsPage:
    """Patients by name. `has_more` says that there are more than are shown."""

    found: tuple[Found, ...]
    has_more: bool


def patients_page(clinic: Clinic, at: datetime, *, search: str) -> PatientsPage:
    """Patients whose name or record number holds every word of `search`, at most FOUND_AT_MOST. Two queries."""
    rows = Patient.objects.order_by("last_name", "first_name", "pk")
    for word in search.split()[:5]:
        rows = rows.filter(
            Q(first_name__icontains=word) | Q(last_name__icontains=word) | Q(record_number__icontains=word)
        )
    visits = Treatment.objects.order_by("-planned_for")
    found = list(rows.prefetch_related(Prefetch("treatments", visits, to_attr="visits"))[: FOUND_AT_MOST + 1])
    zone = ZoneInfo(clinic.zone)
    return PatientsPage(
        found=tuple(_found(patient, zone=zone, at=at) for patient in found[:FOUND_AT_MOST]),
        has_more=len(found) > FOUND_AT_MOST,
    )


def _found(patient: Patient, *, zone: ZoneInfo, at: datetime) -> Found:
    visits: list[Treatment] = patient.visits  # type: ignore[attr-defined]
    return Found(
        patient_id=patient.pk,
        name=str(patient),
        record_number=patient.record_number,
        born_on=day_words(patient.born_on),
        last_visit=status_words(visits[0], zone=zone, at=at) if visits else "No visit yet",
    )


@dataclass(frozen=True, slots=True)
class PatientPage:
    """One patient: who, how to reach them, the visit under way or planned, and the ones before.

    `history`, `check_ins`, `totals` and `told` are for those who treat, else None or empty.
    """

    patient: Patient
    born_on: str
    phone: str
    phone_to_call: str
    texts: WayWords | None
    email: str
    emails: WayWords | None
    asked_for: tuple[PromptLine, ...]
    bound: str
    opens_all: bool
    their_zone: str
    history: PatientHistory | None
    current: tuple[Visit, ...]
    earlier: tuple[Visit, ...]
    can_plan: bool
    check_ins: tuple[CheckInLine, ...] | None
    totals: tuple[TotalLine, ...]
    told: tuple[ToldLine, ...]


def patient_or_none(patient_id: UUID) -> Patient | None:
    return Patient.objects.filter(pk=patient_id).first()


def patient_with_number(record_number: str) -> Patient | None:
    return Patient.objects.filter(record_number=record_number).first()


def number_of(patient: Patient) -> str:
    """The patient's mobile number as it is stored; "" when none is known."""
    numbers = Channel.objects.filter(patient=patient, kind=ChannelKind.SMS).values_list("address", flat=True)
    return numbers.first() or ""


def open_way(patient: Patient, way: str) -> Channel | None:
    """The patient's way of this kind, where messages leave by it."""
    return Channel.objects.filter(Channel.OPEN, patient=patient, kind=way).first()


def patient_page(clinic: Clinic, patient_id: UUID, at: datetime, *, role: str) -> PatientPage | None:
    """None when the clinic has no such patient. At most sixteen queries, and one per document not yet read."""
    patient = patient_or_none(patient_id)
    if patient is None:
        return None
    zone = ZoneInfo(clinic.zone)
    visits = visits_of(patient, zone=zone, at=at, role=role)
    current = tuple(visit for visit in reversed(visits) if visit.is_current)
    channels = {channel.kind: channel for channel in Channel.objects.filter(patient=patient)}
    sms, email = channels.get(ChannelKind.SMS), channels.get(ChannelKind.EMAIL)
    devices = list(Device.objects.filter(patient=patient, revoked_at=None).order_by("scope", "-bound_at"))
    return PatientPage(
        patient=patient,
        born_on=day_words(patient.born_on),
        phone=show_phone(sms.address) if sms else "",
        phone_to_call=sms.address if sms else "",
        texts=way_words(sms, zone=zone, at=at) if sms else None,
        email=email.address if email else "",
        emails=way_words(email, zone=zone, at=at) if email else None,
        asked_for=_asked_for(patient, zone=zone, at=at),
        bound=_bound_words(devices, zone=zone, at=at),
        opens_all=any(device.is_full for device in devices),
        their_zone=patient.zone.replace("_", " ") if patient.zone != clinic.zone else "",
        history=history_card(patient, clinic=clinic, at=at) if role in TREATS else None,
        current=current,
        earlier=tuple(visit for visit in visits if not visit.is_current),
        can_plan=not any(visit.is_planned for visit in current),
        check_ins=last_check_ins(patient, clinic, at=at) if role in TREATS else None,
        totals=last_totals(patient, clinic, at=at) if role in TREATS else (),
        told=told_lines(patient, clinic, at=at) if role in TREATS else (),
    )


def _bound_words(devices: list[Device], *, zone: ZoneInfo, at: datetime) -> str:
    """`devices`: those that are signed in, full ones first."""
    if not devices:
        return ""
    what = "Set up" if devices[0].is_full else "For the set-up only, since"
    return f"{what} {clock_words(devices[0].bound_at, zone=zone, today=at)}"


def _asked_for(patient: Patient, *, zone: ZoneInfo, at: datetime) -> tuple[PromptLine, ...]:
    """Codes and invitations of late, newest first, on the clinic's clock: whoever waits for one may call."""
    rows = Prompt.objects.filter(patient=patient, due_at__gt=at - ASKED_FOR_SHOWS).exclude(token=None)
    newest = with_tries(rows).order_by("-due_at")[:ASKED_FOR_AT_MOST]
    return tuple(prompt_line(row, title=ASKED_FOR.get(row.kind, row.kind), zone=zone, at=at) for row in newest)
