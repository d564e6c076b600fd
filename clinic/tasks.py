"""What keeps downtime packs: one at each opening, none that is old."""

from __future__ import annotations

import logging

from celery import shared_task
from django.utils import timezone

from accounts.models import Clinic
from aftercare.tenancy import CheckedTask, tenant
from clinic import services

log = logging.getLogger(__name__)


@shared_task(base=CheckedTask, name="clinic.tasks.keep_packs")
def keep_packs() -> int:
    """Returns how many packs were made. Trouble with one clinic's holds up nobody else's."""
    at, made = timezone.now(), 0
    for clinic in Clinic.objects.select_related("country"):
        try:
            with tenant(clinic.pk):
                made += services.make_pack_at_opening(clinic, at=at) is not None
        except Exception:
            log.exception("A clinic's downtime pack could not be made", extra={"clinic": clinic.pk})
        # Apart: the old go also where none can be drawn, and a new one stays where they can't.
        try:
            with tenant(clinic.pk):
                services.forget_packs(clinic, at=at)
        except Exception:
            log.exception("A clinic's old downtime packs could not be deleted", extra={"clinic": clinic.pk})
    return made
