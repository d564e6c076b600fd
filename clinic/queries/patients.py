"""One patient, many patients, and their visits."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Prefetch, Q

from accounts.models import Channel, Clinic, Device, Patient, StaffMember
from accounts.phones import show_phone
from accounts.states import ChannelKind
from clinic.acts import Act, visit_acts
from clinic.queries.history import PatientHistory, given_words, history_card
from clinic.queries.words import Mini, day_words, hour_words, status_words, treatment_mini
from clinic.roles import TREATS
from prompts.models import Prompt
from prompts.states import PromptState
from timeline.models import ProtocolVersion, Treatment
from timeline.phases import HOURS, clock_words
from timeline.services import GIVEN_WHILE
from timeline.states import TreatmentState

FOUND_AT_MOST = 50
ASKED_FOR_SHOWS, ASKED_FOR_AT_MOST = timedelta(days=7), 3
_MINI_WIDTH = 320


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
class PromptLine:
    """One prompt and its fate."""

    title: str
    due: str
    channel: str
    fate: str
    tone: str


@dataclass(frozen=True, slots=True)
class Fact:
    """One moment of a visit: what, when, by whom."""

    name: str
    words: str
    who: str = ""


@dataclass(frozen=True, slots=True)
class Visit:
    """One treatment as the patient's page shows it. `at_clinic` and `given` are for those who treat, else empty."""

    treatment_id: UUID
    is_current: bool
    is_planned: bool
    protocol: str
    version: str
    hour: str
    mini: Mini | None
    status: str
    tone: str
    planned_for: str
    facts: tuple[Fact, ...]
    at_clinic: tuple[str, ...]
    given: str
    is_given_said: bool
    next_act: Act | None
    acts: tuple[Act, ...]
    prompts: tuple[PromptLine, ...]
    awaits_hour_zero: bool


@dataclass(frozen=True, slots=True)
class PatientPage:
    """One patient: who, how to reach them, the visit under way or planned, and the ones before.

    `history` is for those who treat, else None.
    """

    patient: Patient
    born_on: str
    phone: str
    phone_to_call: str
    texts: str
    email: str
    emails: str
    asked_for: tuple[PromptLine, ...]
    bound: str
    opens_all: bool
    their_zone: str
    history: PatientHistory | None
    current: tuple[Visit, ...]
    earlier: tuple[Visit, ...]
    can_plan: bool


def patient_or_none(patient_id: UUID) -> Patient | None:
    return Patient.objects.filter(pk=patient_id).first()


def patient_with_number(record_number: str) -> Patient | None:
    return Patient.objects.filter(record_number=record_number).first()


def has_planned(patient: Patient, *, version: ProtocolVersion, planned_for: datetime) -> bool:
    """Whether exactly this visit is already planned: the same form came twice."""
    return Treatment.objects.filter(
        patient=patient, protocol_version=version, planned_for=planned_for, state=TreatmentState.PLANNED
    ).exists()


def treatment_or_none(treatment_id: UUID) -> Treatment | None:
    return (
        Treatment.objects.select_related("patient", "protocol_version__protocol", *_WHO)
        .defer("protocol_version__content")
        .filter(pk=treatment_id)
        .first()
    )


def hour_zero_words(treatment: Treatment, *, clinic: Clinic, at: datetime) -> str:
    """When hour 0 is now, on the clinic's clock; empty before it."""
    return clock_words(treatment.hour_zero, zone=ZoneInfo(clinic.zone), today=at) if treatment.hour_zero else ""


_WHO = ("planned_by", "started_by", "ended_by", "discharged_by", "cancelled_by", "ended_badly_by")


def patient_page(clinic: Clinic, patient_id: UUID, at: datetime, *, role: str) -> PatientPage | None:
    """None when the clinic has no such patient. At most eight queries, and one per document not yet read."""
    patient = patient_or_none(patient_id)
    if patient is None:
        return None
    zone = ZoneInfo(clinic.zone)
    visits = [_visit(treatment, zone=zone, at=at, role=role) for treatment in _visits(patient)]
    current = tuple(visit for visit in reversed(visits) if visit.is_current)
    channels = {channel.kind: channel for channel in Channel.objects.filter(patient=patient)}
    sms, email = channels.get(ChannelKind.SMS), channels.get(ChannelKind.EMAIL)
    devices = list(Device.objects.filter(patient=patient, revoked_at=None).order_by("scope", "-bound_at"))
    return PatientPage(
        patient=patient,
        born_on=day_words(patient.born_on),
        phone=show_phone(sms.address) if sms else "",
        phone_to_call=sms.address if sms else "",
        texts="" if sms is None else "Texts are on" if sms.may_send else "Texts are off",
        email=email.address if email else "",
        emails="" if email is None else "E-mails are on" if email.may_send else "E-mails are off",
        asked_for=_asked_for(patient, zone=zone, at=at),
        bound=_bound_words(devices, zone=zone, at=at),
        opens_all=any(device.is_full for device in devices),
        their_zone=patient.zone.replace("_", " ") if patient.zone != clinic.zone else "",
        history=history_card(patient, clinic=clinic, at=at) if role in TREATS else None,
        current=current,
        earlier=tuple(visit for visit in visits if not visit.is_current),
        can_plan=not any(visit.is_planned for visit in current),
    )


def _bound_words(devices: list[Device], *, zone: ZoneInfo, at: datetime) -> str:
    """`devices`: those that are signed in, full ones first."""
    if not devices:
        return ""
    what = "Set up" if devices[0].is_full else "For the set-up only, since"
    return f"{what} {clock_words(devices[0].bound_at, zone=zone, today=at)}"


def _visits(patient: Patient) -> list[Treatment]:
    return list(
        Treatment.objects.filter(patient=patient)
        .select_related("protocol_version__protocol", *_WHO)
        .defer("protocol_version__content")
        .prefetch_related(Prefetch("prompts", Prompt.objects.order_by("due_at"), to_attr="plan"))
        .order_by("-planned_for", "pk")
    )


def _visit(treatment: Treatment, *, zone: ZoneInfo, at: datetime, role: str) -> Visit:
    hour, is_planned = hour_words(treatment, at), treatment.state == TreatmentState.PLANNED
    acts = visit_acts(treatment.state, has_hour_zero=treatment.hour_zero is not None, role=role)
    return Visit(
        treatment_id=treatment.pk,
        is_current=treatment.is_under_way or is_planned,
        is_planned=is_planned,
        protocol=treatment.protocol_version.protocol.name,
        version=str(treatment.protocol_version),
        hour=f"{hour} of {HOURS}" if hour.startswith("Hour") else hour,
        mini=treatment_mini(treatment, at, width=_MINI_WIDTH),
        status=status_words(treatment, zone=zone, at=at),
        tone="urgent" if treatment.ended_badly_at else "now" if treatment.state == TreatmentState.IN_TREATMENT else "",
        planned_for=clock_words(treatment.planned_for, zone=zone, today=at),
        facts=(*_facts(treatment, zone=zone, at=at), *(_given_facts(treatment) if role in TREATS else ())),
        at_clinic=_at_clinic(treatment) if role in TREATS else (),
        given=given_words(treatment) if role in TREATS and treatment.state in GIVEN_WHILE else "",
        is_given_said=treatment.given is not None,
        next_act=next((act for act in acts if act.is_next), None),
        acts=tuple(act for act in acts if not act.is_next),
        prompts=_prompt_lines(treatment, at=at),
        awaits_hour_zero=treatment.is_under_way and treatment.hour_zero is None,
    )


def _facts(treatment: Treatment, *, zone: ZoneInfo, at: datetime) -> Collection[Fact]:
    moments: tuple[tuple[str, datetime | None, StaffMember | None], ...] = (
        ("Planned for", treatment.planned_for, treatment.planned_by),
        ("Started", treatment.started_at, treatment.started_by),
        ("Ended", treatment.ended_at, treatment.ended_by),
        ("Hour 0", treatment.hour_zero, None),
        ("24 hours over", treatment.hour_zero and treatment.hour_zero + timedelta(hours=HOURS), None),
        ("Left the clinic", treatment.discharged_at, treatment.discharged_by),
        ("Ended badly", treatment.ended_badly_at, treatment.ended_badly_by),
        ("Cancelled", treatment.cancelled_at, treatment.cancelled_by),
    )
    return [
        Fact(name, clock_words(moment, zone=zone, today=at), who=str(who) if who else "")
        for name, moment, who in moments
        if moment
    ]


def _given_facts(treatment: Treatment) -> Collection[Fact]:
    """Once nothing can be changed about it any more."""
    is_settled = treatment.given is not None and treatment.state not in GIVEN_WHILE
    return (Fact("What else was given", given_words(treatment)),) if is_settled else ()


def _at_clinic(treatment: Treatment) -> tuple[str, ...]:
    """What staff keep in mind now; nothing before the start, and nothing once the patient has left."""
    if treatment.state == TreatmentState.IN_TREATMENT:
        return treatment.document.clinic_points.during
    return treatment.document.clinic_points.after if treatment.state == TreatmentState.RECOVERING else ()


def _prompt_lines(treatment: Treatment, *, at: datetime) -> tuple[PromptLine, ...]:
    """On the patient's clock: that is when they arrive."""
    plan: list[Prompt] = treatment.plan  # type: ignore[attr-defined]
    if not plan:
        return ()
    titles = {template.key: template.title for template in treatment.document.prompts}
    zone = ZoneInfo(treatment.zone)
    return tuple(_prompt_line(prompt, title=titles.get(prompt.step, prompt.step), zone=zone, at=at) for prompt in plan)


def _asked_for(patient: Patient, *, zone: ZoneInfo, at: datetime) -> tuple[PromptLine, ...]:
    """Codes and invitations of late, newest first, on the clinic's clock: whoever waits for one may call."""
    rows = Prompt.objects.filter(patient=patient, due_at__gt=at - ASKED_FOR_SHOWS).exclude(token=None)
    newest = rows.order_by("-due_at")[:ASKED_FOR_AT_MOST]
    return tuple(_prompt_line(row, title=_ASKED_FOR.get(row.kind, row.kind), zone=zone, at=at) for row in newest)


_ASKED_FOR = {"code": "Code", "invitation": "Invitation"}
_FATES = {
    PromptState.WAITING: ("Waits", ""),
    PromptState.SENT: ("Sent", "good"),
    PromptState.CANCELLED: ("Stopped", ""),
    PromptState.FAILED: ("Not delivered", "warn"),
    PromptState.SKIPPED: ("Skipped", ""),
    PromptState.UNKNOWN: ("Not known", "warn"),
}


def _prompt_line(prompt: Prompt, *, title: str, zone: ZoneInfo, at: datetime) -> PromptLine:
    fate, tone = _FATES[PromptState(prompt.state)]
    if prompt.sent_at:
        fate = f"{fate} {clock_words(prompt.sent_at, zone=zone, today=at)}"
    return PromptLine(
        title=title,
        due=clock_words(prompt.due_at, zone=zone, today=at),
        channel=prompt.get_channel_display(),
        fate=f"{fate}: {prompt.reason}" if prompt.reason else fate,
        tone=tone,
    )
