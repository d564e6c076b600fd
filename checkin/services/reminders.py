"""Reminds of the log those who asked for it, by the clock of each: at most once a day, and never once it is kept."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Max, QuerySet

from accounts.models import Consent, Patient
from accounts.states import ConsentKind
from checkin.models import DailyLog, LogChoice
from checkin.reminders import reminder_due
from checkin.states import LogPace
from prompts.schedule import DayReminder
from prompts.services import send_day_reminders
from timeline.document import QuietHours
from timeline.models import Treatment

# Patients who are looked at together.
SET = 500


def remind_logs(clinic_id: UUID, *, at: datetime) -> int:
    """Writes each reminder that is due in this clinic or will be before long. Returns how many. Inside tenant().

    Set by set: four queries for a set with nobody due, and some ten more for one with somebody, however many.
    """
    written, last = 0, 0
    while choices := list(_asked_for().filter(pk__gt=last)[:SET]):
        if due := _due(choices, at=at):
            written += _remind(due.keys(), clinic_id=clinic_id, at=at)
        last = choices[-1].pk
    return written


def _remind(patient_ids: Collection[UUID], *, clinic_id: UUID, at: datetime) -> int:
    """Read once more while they are held: a log that is kept, or a choice that is made, comes before or after, and then
    stops what waits. Whoever is held elsewhere is in time at the next look."""
    with transaction.atomic():
        held = Patient.objects.select_for_update(no_key=True, skip_locked=True).filter(pk__in=patient_ids)
        choices = _asked_for().filter(patient_id__in=[patient.pk for patient in held])
        return len(send_day_reminders(_due(list(choices), at=at), clinic_id=clinic_id, at=at))


def _asked_for() -> QuerySet[LogChoice]:
    """Those who said yes to it."""
    rows = LogChoice.objects.filter(reminds_at__isnull=False).exclude(pace=LogPace.OFF)
    return rows.select_related("patient").order_by("pk")


def _due(choices: Collection[LogChoice], *, at: datetime) -> dict[UUID, DayReminder]:
    """By patient; nobody's who took back their yes to the app. Three queries."""
    patient_ids = [choice.patient_id for choice in choices]
    last_days, zeros, left = _last_days(patient_ids), _hour_zeros(patient_ids), _left(patient_ids)
    found = {
        choice.patient_id: reminder_due(
            choice.reminds_at,
            chosen_at=choice.chosen_at,
            pace=LogPace(choice.pace),
            last_day=last_days.get(choice.patient_id),
            last_visit=zeros.get(choice.patient_id),
            zone=ZoneInfo(choice.patient.zone),
            quiet=QuietHours(choice.patient.quiet_starts_at, choice.patient.quiet_ends_at),
            at=at,
        )
        for choice in choices
        if choice.reminds_at and choice.patient_id not in left
    }
    return {patient_id: reminder for patient_id, reminder in found.items() if reminder}


def _last_days(patient_ids: Collection[UUID]) -> dict[UUID, date]:
    rows = DailyLog.objects.filter(patient_id__in=patient_ids).values("patient_id")
    return dict(rows.annotate(last=Max("day")).values_list("patient_id", "last"))


def _hour_zeros(patient_ids: Collection[UUID]) -> dict[UUID, datetime]:
    """Hour 0 of the last visit that has one."""
    rows = Treatment.objects.filter(patient_id__in=patient_ids, hour_zero__isnull=False).values("patient_id")
    return dict(rows.annotate(last=Max("hour_zero")).values_list("patient_id", "last"))


def _left(patient_ids: Collection[UUID]) -> frozenset[UUID]:
    """Those whose last word about the app was a no."""
    said = Consent.objects.filter(patient_id__in=patient_ids, escort=None, kind=ConsentKind.APP)
    last = said.order_by("patient_id", "-pk").distinct("patient_id")
    return frozenset(consent.patient_id for consent in last if not consent.given)
