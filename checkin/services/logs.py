"""Keeps the log of a day, and tells the clinic when the log shows a fall: both in one transaction."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, time
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from django.db import transaction

from accounts.models import Patient
from checkin.models import DailyLog, LogChoice
from checkin.pace import day_of
from checkin.queries.logs import log_of
from checkin.services.trends import tell_fall
from checkin.states import LogPace
from prompts.services import stop_day_reminders


@dataclass(frozen=True, slots=True)
class Said:
    """What is said of one day: 0 to 10 each, hours as minutes (None: not said), and a line for the clinic ("" for none)."""

    mood: int
    sleep: int
    worry: int
    slept_minutes: int | None = None
    for_clinic: str = ""


def record_log(patient: Patient, said: Said, *, key: UUID, at: datetime, day: date | None = None) -> DailyLog:
    """The log of a day that counts now. What stands already is not kept twice; anything else is a row of its own.

    `key` is the page's. `day` is the one that the page was of; that of `at` by the patient's clock where it is not said.
    """
    day = day or day_of(at, ZoneInfo(patient.zone))
    with transaction.atomic():
        # One after the other: of two that are sent at once, the second sees what the first has kept.
        Patient.objects.select_for_update(no_key=True).get(pk=patient.pk)
        standing = log_of(patient, day)
        if standing is not None and _adds_nothing(said, standing):
            return standing
        number = DailyLog.objects.filter(patient=patient, day=day).count()
        log = DailyLog.objects.create(
            clinic_id=patient.clinic_id,
            patient=patient,
            key=uuid5(key, f"{day}:{number}"),
            day=day,
            logged_at=at,
            **asdict(said),
        )
        tell_fall(patient, at=at)
        stop_day_reminders(patient.pk, at=at)
    return log


def _adds_nothing(said: Said, log: DailyLog) -> bool:
    """A line that was told once stays told: none with the same numbers takes nothing back."""
    kept = Said(log.mood, log.sleep, log.worry, log.slept_minutes, log.for_clinic)
    return said in {kept, replace(kept, for_clinic="")}


def choose_pace(patient: Patient, pace: LogPace, *, reminds_at: time | None = None, at: datetime) -> LogChoice:
    """How often the patient wants to be asked, and when a message may say so: never, without an hour. The last word
    counts, from now on: what waits is stopped."""
    with transaction.atomic():
        Patient.objects.select_for_update(no_key=True).get(pk=patient.pk)
        stop_day_reminders(patient.pk, at=at)
        choice, _ = LogChoice.objects.update_or_create(
            clinic_id=patient.clinic_id,
            patient=patient,
            defaults={"pace": pace, "reminds_at": reminds_at, "chosen_at": at},
        )
    return choice
