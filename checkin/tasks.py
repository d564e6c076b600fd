"""What looks after check-ins each minute, and reminds of the log. The rows say what is due; the messages are empty."""

from __future__ import annotations

import logging

from celery import shared_task
from django.utils import timezone

from accounts.models import Clinic
from aftercare.tenancy import CheckedTask, tenant
from checkin import services

log = logging.getLogger(__name__)


@shared_task(base=CheckedTask, name="checkin.tasks.look_after")
def look_after() -> int:
    """Follows silence, and stops what was left open, clinic by clinic: trouble with one holds up nobody else's."""
    at, steps = timezone.now(), 0
    for clinic_id in Clinic.objects.values_list("pk", flat=True):
        try:
            with tenant(clinic_id):
                steps += services.follow_silence(at=at)
            with tenant(clinic_id):
                services.close_left_open(at=at)
        except Exception:
            log.exception("A clinic's check-ins could not be looked after", extra={"clinic": clinic_id})
    return steps


@shared_task(base=CheckedTask, name="checkin.tasks.remind_logs")
def remind_logs() -> int:
    """Reminds of the log those who asked for it, clinic by clinic: trouble with one holds up nobody else's."""
    at, written = timezone.now(), 0
    for clinic_id in Clinic.objects.values_list("pk", flat=True):
        try:
            with tenant(clinic_id):
                written += services.remind_logs(clinic_id, at=at)
        except Exception:
            log.exception("A clinic's reminders could not be written", extra={"clinic": clinic_id})
    return written
