"""The patient's hand on messages, for the pages of other apps that a message leads to."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils import timezone

from accounts.access import patient_of
from prompts.queries import Hand, hand_of

register = template.Library()


@register.simple_tag(takes_context=True)
def hand_of_patient(context: dict[str, Any]) -> Hand:
    return hand_of(patient_of(context["request"]), timezone.now())
