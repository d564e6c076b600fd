"""What looks each minute whether those who left have come home. The rows say what is due; the wake-up is empty."""

from __future__ import annotations

import logging

from celery import shared_task
from django.utils import timezone

from accounts.models import Clinic
from aftercare.tenancy import CheckedTask, tenant
from pickup import services

log = logging.getLogger(__name__)


@shared_task(base=CheckedTask, name="pickup.tasks.see_home")
def see_home() -> int:
    """Clinic by clinic: trouble with one holds up nobody else's."""
    at, steps = timezone.now(), 0
    for clinic_id in Clinic.objects.values_list("pk", flat=True):
        try:
            with tenant(clinic_id):
                steps += services.follow_home(at=at)
        except Exception:
            log.exception("A clinic's ways home could not be followed", extra={"clinic": clinic_id})
    return steps
