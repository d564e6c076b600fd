"""Housekeeping of what was shared."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from aftercare.tenancy import CheckedTask
from journal.services import end_what_ran_out


@shared_task(base=CheckedTask, name="journal.tasks.end_copies")
def end_copies() -> int:
    """Deletes what could open the copies whose days are over. Returns how many."""
    return end_what_ran_out(at=timezone.now())
