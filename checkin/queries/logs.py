"""What is kept of the daily log, and what its pages say: whether today's is there, when the next one is, who sees what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from accounts.models import Patient
from accounts.services import has_agreed
from accounts.states import ConsentKind
from checkin.models import DailyLog, LogChoice
from checkin.pace import day_of, next_log_on, rests_until
from checkin.states import PACES, LogPace
from checkin.trends import opens_help
from timeline.models import Treatment
from timeline.phases import clock_words, day_words
from timeline.states import TreatmentState


def standing_logs(patient: Patient) -> QuerySet[DailyLog]:
    """Of each day the log that counts, the last one; oldest day first."""
    return DailyLog.objects.filter(patient=patient).order_by("day", "-logged_at", "-pk").distinct("day")


def log_of(patient: Patient, day: date) -> DailyLog | None:
    """The one of this day that counts."""
    return standing_logs(patient).filter(day=day).first()


def hour_zeros_of(patient: Patient) -> list[datetime]:
    """Hour 0 of each treatment that has one, oldest first."""
    rows = Treatment.objects.filter(patient=patient, hour_zero__isnull=False).order_by("hour_zero")
    return [hour_zero for hour_zero in rows.values_list("hour_zero", flat=True) if hour_zero]


def pace_of(patient: Patient) -> LogPace:
    chosen = LogChoice.objects.filter(patient=patient).values_list("pace", flat=True).first()
    return LogPace(chosen) if chosen else LogPace.PLAN


@dataclass(frozen=True, slots=True)
class LogPage:
    """`opens`: from when, while the log rests: "" when it is open, "later" when nobody knows yet. `kept`: today's, if any.

    `day` is the day that it is of. `next_on` says when the next one is asked for, "" where none is, or today's is. `pace` is
    how often, in words. `shares`: the clinic sees the numbers.
    """

    opens: str
    day: str
    kept: DailyLog | None
    next_on: str
    pace: str
    shares: bool


def log_page(patient: Patient, at: datetime) -> LogPage:
    """Five queries."""
    zone, zeros = ZoneInfo(patient.zone), hour_zeros_of(patient)
    kept, pace = log_of(patient, day_of(at, zone)), pace_of(patient)
    return LogPage(
        opens=_opens(patient, zeros, at=at),
        day=f"{day_of(at, zone):%A}",
        kept=kept,
        next_on=_next_words(patient, pace, zeros, at=at),
        pace=PACES[pace],
        shares=has_agreed(ConsentKind.CHARTS, patient=patient),
    )


def _opens(patient: Patient, zeros: Sequence[datetime], *, at: datetime) -> str:
    """While a treatment goes on, its end is not known, and so not the hour at which the log opens."""
    until = rests_until(zeros, at=at)
    if until:
        return clock_words(until, zone=ZoneInfo(patient.zone), today=at)
    goes_on = Treatment.objects.filter(patient=patient, state=TreatmentState.IN_TREATMENT, hour_zero=None)
    return "later" if goes_on.exists() else ""


def _next_words(patient: Patient, pace: LogPace, zeros: Sequence[datetime], *, at: datetime) -> str:
    """ "tomorrow", "on Fri, Dec 4"; "" where none is asked for, or today's is."""
    today = day_of(at, ZoneInfo(patient.zone))
    days = DailyLog.objects.filter(patient=patient).order_by("-day").values_list("day", flat=True)
    next_on = next_log_on(pace, last_visit=max(zeros, default=None), last_day=days.first(), today=today, at=at)
    return day_words(next_on, seen_from=today) if next_on else ""


@dataclass(frozen=True, slots=True)
class LogKeptPage:
    """`is_changed`: it took the place of an earlier one of today. `is_low`: help stands on the page."""

    is_changed: bool
    is_low: bool
    next_on: str


def log_kept_page(patient: Patient, at: datetime) -> LogKeptPage | None:
    """None while there is no log of today. Four queries."""
    rows = list(
        DailyLog.objects.filter(patient=patient, day=day_of(at, ZoneInfo(patient.zone))).order_by("logged_at", "pk")
    )
    if not rows:
        return None
    next_on = _next_words(patient, pace_of(patient), hour_zeros_of(patient), at=at)
    return LogKeptPage(is_changed=len(rows) > 1, is_low=opens_help(rows[-1].mood), next_on=next_on)
