"""Housekeeping of what finds the clinic: sessions, tokens and throttles that are over."""

from __future__ import annotations

from celery import shared_task

from accounts.services import forget_what_is_over
from aftercare.tenancy import CheckedTask


@shared_task(base=CheckedTask, name="accounts.tasks.tidy_up")
def tidy_up() -> int:
    """Deletes what nobody can use any more. Returns how many rows."""
    return forget_what_is_over()
