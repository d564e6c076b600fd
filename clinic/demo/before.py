"""What the demo's people said before their visits, on the pages of the set-up."""

from __future__ import annotations

from datetime import datetime, timedelta

from accounts.services import set_texts, tell_history
from accounts.states import ConsentWay
from timeline.models import Treatment
from timeline.services import agree, finish_part, set_clock

TOLD = {
    "blood_thinner": "no",
    "high_blood_pressure": "yes",
    "limits_salt": "yes",
    "heart_or_kidney": "no",
    "pregnant": "no",
    "diabetes": "no",
    "psychosis_or_bipolar": "no",
}


def get_half_set(visit: Treatment, *, at: datetime) -> None:
    """Consent, texts, the clock and the facts are through; the rest waits for a newcomer."""
    patient, minute = visit.patient, timedelta(minutes=1)
    began_at = at - 50 * minute
    agree(visit, patient, at=began_at)
    set_texts(patient, on=True, at=began_at + minute, way=ConsentWay.SET_UP)
    finish_part(visit, "reach", at=began_at + minute)
    quiet = {"quiet_starts_at": patient.quiet_starts_at, "quiet_ends_at": patient.quiet_ends_at}
    set_clock(patient, zone=patient.zone, at=began_at + 2 * minute, **quiet)
    finish_part(visit, "clock", at=began_at + 2 * minute)
    tell_history(patient, TOLD, at=began_at + 4 * minute)
    finish_part(visit, "about_you", at=began_at + 4 * minute)
