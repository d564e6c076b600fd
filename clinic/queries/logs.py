"""What patients tell their clinic in the log of a day, for those who treat. The numbers beside it only where they are shared."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from accounts.models import Clinic, Patient
from accounts.services import has_agreed
from accounts.states import ConsentKind
from checkin.models import DailyLog
from checkin.queries import standing_logs
from timeline.phases import clock_words

SHOWS = 5


@dataclass(frozen=True, slots=True)
class ToldLine:
    """One line, when it was written, on the clinic's clock, and the numbers of that day, "" where they are not shared."""

    text: str
    when: str
    numbers: str


def told_lines(patient: Patient, clinic: Clinic, *, at: datetime) -> tuple[ToldLine, ...]:
    """Newest first, of each day the log that counts. At most two queries."""
    counting = standing_logs(patient).values("pk")
    rows = list(DailyLog.objects.filter(pk__in=counting).exclude(for_clinic="").order_by("-day")[:SHOWS])
    shares, zone = bool(rows) and has_agreed(ConsentKind.CHARTS, patient=patient), ZoneInfo(clinic.zone)
    return tuple(
        ToldLine(
            text=row.for_clinic,
            when=clock_words(row.logged_at, zone=zone, today=at),
            numbers=f"Mood {row.mood}, sleep {row.sleep}, worry {row.worry} of 10" if shares else "",
        )
        for row in rows
    )
