"""Fills the card for everybody at home, and the calendar file of the visit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote
from zoneinfo import ZoneInfo

from accounts.models import AuditEvent, Patient
from accounts.phones import show_phone
from aftercare.words import telling_in_name
from timeline.calendar import visit_calendar
from timeline.household import LOCAL_EMERGENCY, household_message, until_words
from timeline.models import Treatment
from timeline.phases import HOURS
from timeline.queries.visits import current_treatment, visit_to_set_up
from timeline.states import UNDER_WAY, TreatmentState
from timeline.visit_lists import named


@dataclass(frozen=True, slots=True)
class HomeCardPage:
    """No drug, no diagnosis, and no clinic's name that tells: whoever is at home reads it.

    `phone` and `after_hours` are as they are read, "" where there is none. `text_link` opens the phone's own texts.
    """

    name: str
    until: str
    helps: tuple[str, ...]
    avoid: tuple[str, ...]
    emergency: str
    call_emergency: tuple[str, ...]
    sender: str
    phone: str
    phone_to_call: str
    after_hours: str
    after_hours_to_call: str
    call_clinic: tuple[str, ...]
    message: str
    text_link: str


def home_card_page(patient: Patient, at: datetime) -> HomeCardPage | None:
    """None when no visit is near, or its 24 hours are over. At most two queries."""
    treatment = _visit_of_card(patient, at)
    if treatment is None:
        return None
    clinic, zone, name = patient.clinic, ZoneInfo(patient.zone), patient.name_for_escorts
    card, night = treatment.lists.home_card, named(treatment.lists.night, name)
    until = until_words(_ends_at(treatment), zone=zone)
    phone, emergency = show_phone(clinic.phone) if clinic.phone else "", clinic.country.emergency
    message = household_message(name=name, until=until, sender=neutral_name(patient), phone=phone, emergency=emergency)
    return HomeCardPage(
        name=name,
        until=until,
        helps=card.helps,
        avoid=card.avoid,
        emergency=emergency or LOCAL_EMERGENCY,
        call_emergency=night.call_emergency,
        sender=neutral_name(patient),
        phone=phone,
        phone_to_call=clinic.phone,
        after_hours=show_phone(clinic.after_hours_phone) if clinic.after_hours_phone else "",
        after_hours_to_call=clinic.after_hours_phone,
        call_clinic=night.call_clinic,
        message=message,
        text_link=f"sms:?&body={quote(message)}",
    )


def neutral_name(patient: Patient) -> str:
    """What the clinic is called where others read it: nothing of what it treats."""
    sender = patient.clinic.sender_name
    return "Questions" if telling_in_name(sender) else sender


def visit_file(treatment: Treatment, patient: Patient, at: datetime) -> str:
    """The visit for a calendar. One query: how often it was changed."""
    sender = patient.clinic.sender_name
    return visit_calendar(
        visit_id=treatment.pk,
        begins_at=treatment.planned_for,
        changed_at=treatment.changed_at,
        sequence=AuditEvent.objects.filter(object=str(treatment.pk)).count(),
        place=patient.clinic.address,
        sender="" if telling_in_name(sender) else sender,
        zone=ZoneInfo(patient.zone),
        at=at,
    )


def _visit_of_card(patient: Patient, at: datetime) -> Treatment | None:
    """The visit of today comes before the next one."""
    for visit in (current_treatment(patient, at), visit_to_set_up(patient, at)):
        if visit and visit.state in {TreatmentState.PLANNED, *UNDER_WAY} and _ends_at(visit) > at:
            return visit
    return None


def _ends_at(treatment: Treatment) -> datetime:
    """Hour 24; before hour 0 as far as the plan says."""
    return (treatment.hour_zero or treatment.planned_for) + timedelta(hours=HOURS)
