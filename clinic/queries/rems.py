"""A reminder of the monitoring form that a clinic sends after SPRAVATO. It is never the form, and sends nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef

from accounts.models import Clinic
from clinic.models import DischargeItem
from timeline.models import Treatment
from timeline.phases import clock_words
from timeline.states import TreatmentState

# The key of the item that says that the form was sent (docs/clinical.md, 13).
REMS_FORM = "rems_form"
WITHIN_DAYS = 7
# A form that nobody ticked stays on the list so long.
_STAYS_LATE = timedelta(days=30)
_AFTER_LEAVING = (TreatmentState.DISCHARGED, TreatmentState.CLOSED, TreatmentState.ENDED_BADLY)


@dataclass(frozen=True, slots=True)
class FormDue:
    """One visit whose form nobody has noted as sent. `by` is the last day."""

    treatment_id: UUID
    patient_id: UUID
    patient_name: str
    by: str
    late: str


@dataclass(frozen=True, slots=True)
class FormReminder:
    """The reminder of one visit: the last day, and who noted when that it was sent; "" while nobody has."""

    treatment_id: UUID
    by: str
    sent: str


def forms_due(*, zone: ZoneInfo, at: datetime) -> tuple[FormDue, ...]:
    """Of visits that the patient has left, by their day. One query."""
    sent = DischargeItem.objects.filter(treatment=OuterRef("pk"), key=REMS_FORM)
    rows = Treatment.objects.filter(
        ~Exists(sent),
        protocol_version__content__route="spravato",
        hour_zero__gte=at - _STAYS_LATE,
        state__in=_AFTER_LEAVING,
    )
    return tuple(
        _form_due(row, row.hour_zero, zone=zone, at=at)
        for row in rows.select_related("patient").order_by("hour_zero", "pk")
        if row.hour_zero
    )


def form_reminder(treatment: Treatment, *, clinic: Clinic, at: datetime) -> FormReminder | None:
    """None where the route asks for no form, or nothing was given yet. One query at most."""
    if treatment.document.route != "spravato" or treatment.hour_zero is None:
        return None
    zone = ZoneInfo(clinic.zone)
    item = DischargeItem.objects.filter(treatment=treatment, key=REMS_FORM).select_related("done_by").first()
    sent = f"{item.done_by}, {clock_words(item.done_at, zone=zone, today=at)}" if item else ""
    return FormReminder(treatment.pk, by=_day(_last_day(treatment.hour_zero, zone)), sent=sent)


def _form_due(treatment: Treatment, hour_zero: datetime, *, zone: ZoneInfo, at: datetime) -> FormDue:
    last_day = _last_day(hour_zero, zone)
    days = (at.astimezone(zone).date() - last_day).days
    return FormDue(
        treatment_id=treatment.pk,
        patient_id=treatment.patient_id,
        patient_name=str(treatment.patient),
        by=_day(last_day),
        late="" if days <= 0 else "1 day late" if days == 1 else f"{days} days late",
    )


def _last_day(hour_zero: datetime, zone: ZoneInfo) -> date:
    return hour_zero.astimezone(zone).date() + timedelta(days=WITHIN_DAYS)


def _day(day: date) -> str:
    """ "Tue, Dec 1"."""
    return f"{day:%a, %b} {day.day}"
