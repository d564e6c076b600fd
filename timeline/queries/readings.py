"""The readings of a visit at the clinic, and how long it lasts at least."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from accounts.models import Clinic
from timeline.models import Treatment, VitalSigns
from timeline.states import VitalMoment


def readings_of(treatment: Treatment) -> list[VitalSigns]:
    """All of a visit, as they were noted, oldest first, with who noted them. One query."""
    return list(VitalSigns.objects.filter(treatment=treatment).select_related("noted_by").order_by("pk"))


def standing(readings: Sequence[VitalSigns], moment: VitalMoment) -> VitalSigns | None:
    """The one of this moment that counts: the last that was noted."""
    return next((reading for reading in reversed(readings) if reading.moment == moment), None)


def last_reading(readings: Sequence[VitalSigns]) -> VitalSigns | None:
    """What a patient left with: the reading before leaving, else the last that was taken."""
    latest = max(readings, key=lambda reading: (reading.taken_at, reading.pk), default=None)
    return standing(readings, VitalMoment.LEAVING) or latest


def discharge_pressure(treatment: Treatment) -> tuple[int, int] | None:
    """(systolic, diastolic) in mmHg that the patient left with; None where nobody measured. One query."""
    found = last_reading(list(VitalSigns.objects.filter(treatment=treatment).order_by("pk")))
    return (found.systolic, found.diastolic) if found else None


def shortest_stay(treatment: Treatment, clinic: Clinic) -> int:
    """Minutes after hour 0: the protocol's, or the clinic's own where that is longer; 0 where neither says one."""
    return max(treatment.document.minimum_stay_minutes or 0, clinic.minimum_stay_minutes or 0)


def stay_ends_at(treatment: Treatment, clinic: Clinic) -> datetime | None:
    """When the shortest stay is over; None where none is set, and before hour 0."""
    stay = shortest_stay(treatment, clinic)
    return treatment.hour_zero + timedelta(minutes=stay) if stay and treatment.hour_zero else None


def is_before_end_of_stay(treatment: Treatment, moment: datetime, *, clinic: Clinic) -> bool:
    """To the minute, as people read it off the page."""
    ends_at = stay_ends_at(treatment, clinic)
    return ends_at is not None and moment < ends_at.replace(second=0, microsecond=0)
