"""Housekeeping of treatments."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from accounts.models import Clinic
from aftercare.tenancy import CheckedTask, tenant
from timeline.services import close_finished


@shared_task(base=CheckedTask, name="timeline.tasks.close_days")
def close_days() -> int:
    """Closes every clinic's treatments whose day is long over."""
    at, closed = timezone.now(), 0
    for clinic_id in Clinic.objects.values_list("pk", flat=True):
        with tenant(clinic_id):
            closed += close_finished(at=at)
    return closed
