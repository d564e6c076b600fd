"""The call after a visit: when it is due, what came of each try, and whether it is over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Count, DateTimeField, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from accounts.models import Channel, Clinic, Patient
from accounts.phones import show_phone
from accounts.states import ChannelKind
from alerts.states import Tried
from clinic.models import BadEnd, ContactCall, Discharge
from clinic.queries.alert_words import TRIED, wait_words
from timeline.models import Treatment
from timeline.phases import HOURS, clock_words
from timeline.states import TreatmentState

# Closed as well: nobody may have discharged it. A visit that ended badly has no plan any more: staff decide whom to call,
# and set the time where they discharge.
_HAS_24_HOURS = (
    TreatmentState.IN_TREATMENT,
    TreatmentState.RECOVERING,
    TreatmentState.DISCHARGED,
    TreatmentState.CLOSED,
)
# A call that nobody made stays on the list so long, however late.
STAYS_LATE = timedelta(days=7)
AFTER_24_HOURS, AS_AGREED = "24 hours are over", "Next contact, as agreed"


@dataclass(frozen=True, slots=True)
class ContactDue:
    """The call after one visit that nobody has made yet. `tried` says how often it was tried."""

    treatment_id: UUID
    patient: Patient
    due_at: datetime
    why: str
    tried: str


@dataclass(frozen=True, slots=True)
class ContactTry:
    """One call that was made. `said` is what was typed of it."""

    what: str
    when: str
    who: str
    said: str


@dataclass(frozen=True, slots=True)
class ContactPage:
    """The call after one visit. `is_over`: the patient was reached, or no call is due."""

    treatment_id: UUID
    patient: Patient
    due: str
    late: str
    why: str
    phone: str
    phone_to_call: str
    tries: tuple[ContactTry, ...]
    is_over: bool


def contacts_due(*, at: datetime, before: datetime) -> list[ContactDue]:
    """Due before then and not made yet, by time. One query."""
    rows = with_contact().filter(contact_at__lt=before, contact_at__gte=at - STAYS_LATE, reached=False)
    rows = rows.select_related("patient").order_by("contact_at", "pk")
    return [
        ContactDue(
            treatment_id=row.pk,
            patient=row.patient,
            due_at=row.contact_at,
            why=AS_AGREED if row.agreed_at else AFTER_24_HOURS,
            tried=_tried_words(row.tries or 0),
        )
        for row in rows
    ]


def with_contact() -> QuerySet[Any]:
    """Visits after which somebody calls: `contact_at` as staff agreed it last, else at hour 24.

    A contact that was set when the visit ended badly counts its own calls alone: who was reached before is called again.
    """
    bad_ends = BadEnd.objects.filter(treatment=OuterRef("pk"), next_contact_at__isnull=False)
    calls = ContactCall.objects.filter(treatment=OuterRef("pk"), after_bad_end=OuterRef("is_anew")).order_by()
    agreed = (
        rows.objects.filter(treatment=OuterRef("pk")).values("next_contact_at")[:1] for rows in (BadEnd, Discharge)
    )
    hour_24 = Coalesce(F("agreed_at"), F("hour_zero") + timedelta(hours=HOURS), output_field=DateTimeField())
    rows: QuerySet[Any] = (
        Treatment.objects.exclude(state__in=(TreatmentState.PLANNED, TreatmentState.CANCELLED))
        .annotate(agreed_at=Coalesce(*map(Subquery, agreed), output_field=DateTimeField()), is_anew=Exists(bad_ends))
        .filter(
            Q(agreed_at__isnull=False)
            | Q(hour_zero__isnull=False, ended_badly_at__isnull=True, state__in=_HAS_24_HOURS)
        )
        .annotate(
            contact_at=hour_24,
            reached=Exists(calls.filter(tried=Tried.REACHED)),
            tries=Subquery(calls.values("treatment").annotate(many=Count("pk")).values("many")),
        )
    )
    return rows


def contact_page(treatment: Treatment, *, clinic: Clinic, at: datetime) -> ContactPage:
    """Three queries."""
    zone = ZoneInfo(clinic.zone)
    due = with_contact().filter(pk=treatment.pk).first()
    calls = ContactCall.objects.filter(treatment=treatment).select_related("by").order_by("at", "pk")
    tries = tuple(_try(call, zone=zone, at=at) for call in calls)
    is_over = due is None or due.reached
    phone = Channel.objects.filter(patient=treatment.patient_id, kind=ChannelKind.SMS).values_list("address", flat=True)
    number = phone.first() or ""
    return ContactPage(
        treatment_id=treatment.pk,
        patient=treatment.patient,
        due=clock_words(due.contact_at, zone=zone, today=at) if due else "",
        late=late_words(due.contact_at, at=at) if due and not is_over else "",
        why=AS_AGREED if due and due.agreed_at else AFTER_24_HOURS,
        phone=show_phone(number) if number else "",
        phone_to_call=number,
        tries=tries,
        is_over=is_over,
    )


def late_words(due_at: datetime, *, at: datetime) -> str:
    """ "1 h late"; empty where its time is still to come."""
    return f"{wait_words(at - due_at)} late" if due_at < at else ""


def _tried_words(tries: int) -> str:
    return "" if not tries else "Tried once" if tries == 1 else f"Tried {tries} times"


def _try(call: ContactCall, *, zone: ZoneInfo, at: datetime) -> ContactTry:
    what, when = TRIED[Tried(call.tried)], clock_words(call.at, zone=zone, today=at)
    return ContactTry(what=what, when=when, who=str(call.by), said=call.said)
