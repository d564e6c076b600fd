"""What patients tell their clinic in the log of a day, for those who treat. The numbers beside it only where they are shared."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from accounts.models import Clinic, Patient
from accounts.services import has_agreed
from accounts.states import ConsentKind
from checkin.models import DailyLog
from timeline.phases import clock_words


@dataclass(frozen=True, slots=True)
class ToldLine:
    """One line, when it was written, on the clinic's clock, and the numbers of that day, "" where they are not shared."""

    text: str
    when: str
    numbers: str


def told_lines(patient: Patient, clinic: Clinic, *, at: datetime) -> tuple[ToldLine, ...]:
    """Each one that was ever told, newest first: a later log of the day takes none back. At most two queries."""
    told = DailyLog.objects.filter(patient=patient).exclude(for_clinic="")
    rows = list(DailyLog.objects.filter(patient=patient, day__in=told.values("day")).order_by("logged_at", "pk"))
    shares, zone = bool(rows) and has_agreed(ConsentKind.CHARTS, patient=patient), ZoneInfo(clinic.zone)
    counting = {row.day: row for row in rows}
    lines = {(row.day, row.for_clinic): row for row in rows if row.for_clinic}
    return tuple(
        ToldLine(
            text=row.for_clinic,
            when=clock_words(row.logged_at, zone=zone, today=at),
            numbers=_numbers(counting[row.day]) if shares else "",
        )
        for row in reversed(lines.values())
    )


def _numbers(log: DailyLog) -> str:
    return f"Mood {log.mood}, sleep {log.sleep}, worry {log.worry} of 10"
