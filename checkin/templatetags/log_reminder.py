"""The reminder of the log, for a page of an app that may not know of it: what is still to come."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils import timezone

from accounts.access import patient_of
from checkin.queries import LogReminder
from checkin.queries import log_reminder as reminder_of

register = template.Library()


@register.simple_tag(takes_context=True)
def log_reminder(context: dict[str, Any]) -> LogReminder | None:
    return reminder_of(patient_of(context["request"]), timezone.now())
