"""What a downtime pack says, and which pack there is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from accounts.help import help_numbers
from accounts.models import Clinic, Escort, StaffMember
from accounts.phones import show_phone
from aftercare.dates import day_words
from aftercare.sheet import paper_of
from alerts.models import Alert
from alerts.queries import duty_at, open_alerts
from clinic.models import DowntimePack
from clinic.papers.contents import PackContents, PaperAlert, PaperCall, PaperPatient, PaperPerson
from clinic.queries.alert_words import level_words, reasons_of
from clinic.queries.alerts import taken_words
from clinic.queries.board import treatments_of_day
from clinic.queries.calls import CallDue, calls_due, phones_of
from clinic.queries.duty import procedures_of
from clinic.queries.ride_words import RideMark, ride_mark
from clinic.queries.tonight import tonight_card
from clinic.queries.words import hour_words, status_words
from pickup.queries import rides
from prompts.models import Prompt
from timeline.levels import RED
from timeline.models import Treatment
from timeline.phases import HOURS, clock_words

CHECK_IN = "check_in"


@dataclass(frozen=True, slots=True)
class PackLine:
    """One pack: when it was made, on the clinic's clock, and by whom; "" for by itself, at opening time."""

    pack_id: UUID
    made: str
    who: str


@dataclass(frozen=True, slots=True)
class DowntimePage:
    """The newest pack, if there is one, and how many patients are on the board now."""

    newest: PackLine | None
    patients: int


def downtime_page(clinic: Clinic, at: datetime) -> DowntimePage:
    """Without the PDF itself. Three queries."""
    zone, pack = ZoneInfo(clinic.zone), newest_packs().defer("pdf").first()
    made = clock_words(pack.made_at, zone=zone, today=at) if pack else ""
    line = PackLine(pack.pk, made, str(pack.made_by or "")) if pack else None
    return DowntimePage(newest=line, patients=len(treatments_of_day(zone, at)))


def newest_packs() -> QuerySet[DowntimePack]:
    return DowntimePack.objects.select_related("made_by").order_by("-made_at", "-pk")


def pack_name(clinic: Clinic, made_at: datetime) -> str:
    """ "2026-11-28.pdf", by the clinic's clock: it tells nothing else."""
    return f"{made_at.astimezone(ZoneInfo(clinic.zone)):%Y-%m-%d}.pdf"


def pack_contents(clinic: Clinic, at: datetime) -> PackContents:
    """As many queries for one patient as for many."""
    zone, treatments, alerts = ZoneInfo(clinic.zone), treatments_of_day(ZoneInfo(clinic.zone), at), open_alerts()
    phones = phones_of({row.patient_id for row in treatments} | {alert.patient_id for alert in alerts})
    calls, duty = calls_due(alerts, zone=zone, at=at), duty_at(clinic, at)
    local = at.astimezone(zone)
    return PackContents(
        clinic=clinic.name,
        day=f"{local:%A, %B} {local.day}, {local.year}",
        made=clock_words(at, zone=zone, today=at),
        paper=paper_of(clinic.country_id),
        on_call=tuple(_on_duty(member) for member in (duty.first, duty.second) if member),
        on_call_until=clock_words(duty.until, zone=zone, today=at) if duty.until else "",
        numbers=_numbers(clinic, at),
        alerts=tuple(_alert(alert, phones, zone=zone, at=at) for alert in alerts),
        calls=tuple(PaperCall(call.due, call.patient_name, call.phone, _why(call)) for call in calls),
        patients=_patients(treatments, phones, calls, zone=zone, at=at),
        procedures=tuple((level.name, words) for level, words in procedures_of(clinic)),
    )


def _numbers(clinic: Clinic, at: datetime) -> tuple[tuple[str, str], ...]:
    known = help_numbers(clinic.country, clinic=clinic, at=at)
    numbers = (
        ("Emergency", known.emergency),
        (known.crisis_name, known.crisis_call),
        ("Clinic", known.clinic_phone_display),
        ("After hours", known.after_hours_phone_display),
    )
    return tuple((what, number) for what, number in numbers if number)


def _on_duty(member: StaffMember) -> PaperPerson:
    return PaperPerson(str(member), show_phone(member.phone))


def _why(call: CallDue) -> str:
    return "; ".join(words for words in (call.why, call.who and f"{call.who} has it", call.tried, call.late) if words)


def _alert(alert: Alert, phones: Mapping[UUID, str], *, zone: ZoneInfo, at: datetime) -> PaperAlert:
    taken = taken_words(alert, zone=zone, at=at)
    return PaperAlert(
        level=level_words(alert).name,
        is_red=alert.level in RED,
        patient=str(alert.patient),
        record_number=alert.patient.record_number,
        phone=_shown(phones.get(alert.patient_id, "")),
        reasons="; ".join(reasons_of(alert)),
        since=clock_words(alert.opened_at, zone=zone, today=at),
        taken=f"{taken} has it." if taken else "Nobody has it.",
    )


def _patients(
    treatments: Sequence[Treatment],
    phones: Mapping[UUID, str],
    calls: Iterable[CallDue],
    *,
    zone: ZoneInfo,
    at: datetime,
) -> tuple[PaperPatient, ...]:
    """By name, so that a person is found."""
    ride_of, stayers = rides(treatments), _stayers(treatments)
    due = {call.treatment_id: call for call in calls if call.treatment_id}
    marks = {row.pk: ride_mark(ride_of[row.pk], row, zone=zone, at=at) for row in treatments}
    in_order = sorted(treatments, key=lambda row: (row.patient.last_name.casefold(), row.patient.first_name, row.pk))
    return tuple(
        _patient(row, phones, marks[row.pk], stayers.get(row.patient_id), due.get(row.pk), zone=zone, at=at)
        for row in in_order
    )


def _patient(
    treatment: Treatment,
    phones: Mapping[UUID, str],
    ride: RideMark,
    stayer: Escort | None,
    call: CallDue | None,
    *,
    zone: ZoneInfo,
    at: datetime,
) -> PaperPatient:
    patient, night, zero = treatment.patient, tonight_card(treatment), treatment.hour_zero
    status, hour = status_words(treatment, zone=zone, at=at), hour_words(treatment, at)
    return PaperPatient(
        name=str(patient),
        record_number=patient.record_number,
        born_on=day_words(patient.born_on),
        where=f"{hour}. {status}" if hour else status,
        protocol=treatment.protocol_version.protocol.name,
        phone=_shown(phones.get(patient.pk, "")),
        hour_zero=clock_words(zero, zone=zone, today=at) if zero else "",
        hour_24=clock_words(zero + timedelta(hours=HOURS), zone=zone, today=at) if zero else "",
        driver=PaperPerson(ride.name, ride.phone, _ride_note(ride)) if ride.name else None,
        stayer=PaperPerson(stayer.name, _shown(stayer.phone)) if stayer else None,
        tonight_at=night.where,
        contact=PaperPerson(night.contact, night.phone) if night.contact or night.phone else None,
        company=night.alone,
        due=_due(treatment, call, zone=zone, at=at),
    )


def _stayers(treatments: Sequence[Treatment]) -> dict[UUID, Escort]:
    """Who stays with each patient tonight; a driver who stays too, where nobody else does. One query."""
    named = Escort.objects.filter(patient__in={row.patient_id for row in treatments}, ended_at=None)
    found: dict[UUID, Escort] = {}
    for escort in named:
        if escort.task == Escort.Task.STAYS or (escort.stays_too and escort.patient_id not in found):
            found[escort.patient_id] = escort
    return found


def _ride_note(ride: RideMark) -> str:
    return f"{ride.word} since {ride.since}" if ride.since else ride.word


def _due(treatment: Treatment, call: CallDue | None, *, zone: ZoneInfo, at: datetime) -> tuple[str, ...]:
    """The check-ins that wait, and the call."""
    waiting: list[Prompt] = [prompt for prompt in treatment.waiting if prompt.window_ends_at > at]  # type: ignore[attr-defined]
    asked = [f"check-in {clock_words(row.due_at, zone=zone, today=at)}" for row in waiting if row.kind == CHECK_IN]
    return (*asked, *((f"call {call.due}",) if call else ()))


def _shown(phone: str) -> str:
    return show_phone(phone) if phone else ""
