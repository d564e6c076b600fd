"""The last totals of the two-week questions, for those who treat: a sum and a day, no answers and no bands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from accounts.models import Clinic, Patient
from checkin.models import Questionnaire
from checkin.questionnaires import INSTRUMENTS
from timeline.phases import clock_words

SHOWS = 6


@dataclass(frozen=True, slots=True)
class TotalLine:
    """ "PHQ-9", "14 of 27" and when it was answered, on the clinic's clock."""

    name: str
    total: str
    when: str


def last_totals(patient: Patient, clinic: Clinic, *, at: datetime) -> tuple[TotalLine, ...]:
    """Newest first. One query."""
    rows = Questionnaire.objects.filter(patient=patient).order_by("-answered_at", "kind")[:SHOWS]
    zone = ZoneInfo(clinic.zone)
    return tuple(
        TotalLine(
            name=INSTRUMENTS[row.kind].name,
            total=f"{row.total} of {INSTRUMENTS[row.kind].highest}",
            when=clock_words(row.answered_at, zone=zone, today=at),
        )
        for row in rows
    )
