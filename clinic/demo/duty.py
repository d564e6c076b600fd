"""The demo's people on duty, around the clock, and what its clinics do at each level of an alert."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from accounts.models import StaffMember
from accounts.states import Role
from alerts.models import OnCallShift
from alerts.services import add_shift, set_procedures
from timeline.levels import Level

DAYS = 14
MORNING, EVENING = time(8), time(20)
PROCEDURES: Mapping[str, str] = {
    Level.EMERGENCY: "Call the patient. No answer within 1 minute: call the person who is there tonight.\n"
    "Nobody answers: call 911 to the address on record. Stay on the line. Then tell the physician.",
    Level.CRISIS: "Call the patient at once, and stay on the line. Ask if they are alone.\n"
    "Offer to connect 988. In danger now: 911 to the address on record. Then tell the physician.",
    Level.URGENT: "Call within 15 minutes. Go through what was answered, and ask about the cuff.\n"
    "No answer twice: call the person who is there tonight. Worse than expected: physician on call.",
    Level.CALL_TODAY: "Call within two working hours. Write down what was said.",
}


def ensure_duty(staff: Mapping[str, StaffMember], *, at: datetime) -> None:
    """Somebody is first and somebody second at every hour of the next days, whatever a newcomer did to the list."""
    manager = staff[Role.MANAGER]
    by_day = (staff.get(Role.NURSE, manager), staff.get(Role.CLINICIAN, manager))
    by_night = (staff.get(Role.CLINICIAN) or staff[Role.NURSE], manager)
    OnCallShift.objects.all().delete()
    zone = ZoneInfo(manager.clinic.zone)
    today = at.astimezone(zone).date()
    for day in (today + timedelta(days=number) for number in range(-1, DAYS)):
        morning, evening = datetime.combine(day, MORNING, zone), datetime.combine(day, EVENING, zone)
        next_morning = datetime.combine(day + timedelta(days=1), MORNING, zone)
        _add(by_day, morning, evening, by=manager, at=at)
        _add(by_night, evening, next_morning, by=manager, at=at)
    set_procedures(manager.clinic, words={**PROCEDURES}, by=manager, at=at)


def _add(
    people: Sequence[StaffMember], starts_at: datetime, ends_at: datetime, *, by: StaffMember, at: datetime
) -> None:
    if ends_at > at:
        for seat, person in enumerate(people):
            add_shift(person, seat=seat, starts_at=starts_at, ends_at=ends_at, by=by, at=at)
