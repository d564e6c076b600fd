"""Keeps the log of a day, and tells the clinic when the log shows a fall: both in one transaction."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from django.db import transaction

from accounts.models import Patient
from checkin.models import DailyLog, LogChoice
from checkin.pace import day_of
from checkin.queries.logs import log_of
from checkin.services.trends import tell_fall
from checkin.states import LogPace


@dataclass(frozen=True, slots=True)
class Said:
    """What is said of one day: 0 to 10 each, hours as minutes (None: not said), and a line for the clinic ("" for none)."""

    mood: int
    sleep: int
    worry: int
    slept_minutes: int | None = None
    for_clinic: str = ""


def record_log(patient: Patient, said: Said, *, key: UUID, at: datetime) -> DailyLog:
    """The log of the patient's day that counts now. What stands already is not kept twice; anything else is a row of its own.

    `key` is the page's: of one page, two taps at the same moment are one row.
    """
    day = day_of(at, ZoneInfo(patient.zone))
    with transaction.atomic():
        standing = log_of(patient, day)
        if standing is not None and _said(standing) == said:
            return standing
        number = DailyLog.objects.filter(patient=patient, day=day).count()
        log, is_new = DailyLog.objects.get_or_create(
            clinic_id=patient.clinic_id,
            patient=patient,
            key=uuid5(key, f"{day}:{number}"),
            defaults={"day": day, "logged_at": at, **asdict(said)},
        )
        if is_new:
            tell_fall(patient, at=at)
    return log


def _said(log: DailyLog) -> Said:
    return Said(log.mood, log.sleep, log.worry, log.slept_minutes, log.for_clinic)


def choose_pace(patient: Patient, pace: LogPace, *, at: datetime) -> LogChoice:
    """How often the patient wants to be asked. The last word counts."""
    choice, _ = LogChoice.objects.update_or_create(
        clinic_id=patient.clinic_id, patient=patient, defaults={"pace": pace, "chosen_at": at}
    )
    return choice
