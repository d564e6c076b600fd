"""The patient's hand on messages, for the pages of other apps that a message leads to."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils import timezone

from accounts.access import device_of, patient_of
from prompts.queries import Hand, hand_of, running_visit

register = template.Library()


@register.simple_tag(takes_context=True)
def hand_of_patient(context: dict[str, Any]) -> Hand:
    return hand_of(patient_of(context["request"]), timezone.now())


@register.simple_tag(takes_context=True)
def may_only_stop(context: dict[str, Any]) -> bool:
    """A phone for the set-up alone, while a visit runs. No query on any other phone."""
    request = context["request"]
    return not device_of(request).is_full and running_visit(patient_of(request)) is not None
