"""Housekeeping of treatments."""

from __future__ import annotations

import logging

from celery import shared_task
from django.utils import timezone

from accounts.models import Clinic
from aftercare.tenancy import CheckedTask, tenant
from timeline import services

log = logging.getLogger(__name__)


@shared_task(base=CheckedTask, name="timeline.tasks.close_days")
def close_days() -> int:
    """Closes every clinic's treatments whose day is long over."""
    at, closed = timezone.now(), 0
    for clinic_id in Clinic.objects.values_list("pk", flat=True):
        with tenant(clinic_id):
            closed += services.close_finished(at=at)
    return closed


@shared_task(base=CheckedTask, name="timeline.tasks.remind_set_up")
def remind_set_up() -> int:
    """Reminds whoever has not finished the set-up, clinic by clinic: trouble with one holds up nobody else's."""
    at, sent = timezone.now(), 0
    for clinic in Clinic.objects.all():
        try:
            with tenant(clinic.pk):
                sent += services.remind_set_up(clinic, at=at)
        except Exception:
            log.exception("A clinic's reminders could not be sent", extra={"clinic": clinic.pk})
    return sent
