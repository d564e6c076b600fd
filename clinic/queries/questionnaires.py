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
    return tuple(_line(row, zone=zone, at=at) for row in rows)


@dataclass(frozen=True, slots=True)
class TotalRow:
    """A total, and how it differs from the one before of the same questionnaire; "" for the first."""

    line: TotalLine
    change: str


def all_totals(patient: Patient, clinic: Clinic, *, at: datetime) -> tuple[TotalRow, ...]:
    """Newest first. One query."""
    zone, before, found = ZoneInfo(clinic.zone), dict[str, int](), list[TotalRow]()
    for row in Questionnaire.objects.filter(patient=patient).order_by("answered_at", "-kind"):
        found.append(TotalRow(_line(row, zone=zone, at=at), _change(row.total, before.get(row.kind))))
        before[row.kind] = row.total
    return tuple(reversed(found))


def _change(total: int, before: int | None) -> str:
    """A difference as it is, with no word for good or bad."""
    if before is None:
        return ""
    return f"{abs(total - before)} {'more' if total > before else 'fewer'}" if total != before else "the same"


def _line(row: Questionnaire, *, zone: ZoneInfo, at: datetime) -> TotalLine:
    instrument = INSTRUMENTS[row.kind]
    return TotalLine(
        name=instrument.name,
        total=f"{row.total} of {instrument.highest}",
        when=clock_words(row.answered_at, zone=zone, today=at),
    )
