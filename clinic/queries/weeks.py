"""The weeks of one patient for those who treat: the charts with the patient's yes, and the two-week totals."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from accounts.models import Clinic, Patient
from checkin.queries.weeks import SharingNow, Weeks, sharing_now, today_of, visit_days, weekday_words, weeks_of
from clinic.queries.questionnaires import TotalRow, all_totals


@dataclass(frozen=True, slots=True)
class PatientWeeks:
    """`weeks` is None without the patient's yes: then nothing of the log is read at all. `visits`: newest first."""

    patient: Patient
    sharing: SharingNow
    weeks: Weeks | None
    visits: tuple[str, ...]
    totals: tuple[TotalRow, ...]


def patient_weeks(patient: Patient, clinic: Clinic, which: str, *, at: datetime) -> PatientWeeks:
    """Four queries, three without the patient's yes; the same for one log and for hundreds."""
    sharing, visits = sharing_now(patient, at), visit_days(patient, at)
    today = today_of(patient, at)
    return PatientWeeks(
        patient=patient,
        sharing=sharing,
        weeks=weeks_of(patient, which, visits=visits, at=at) if sharing.is_on else None,
        visits=tuple(weekday_words(day, today) for day in reversed(visits)),
        totals=all_totals(patient, clinic, at=at),
    )
