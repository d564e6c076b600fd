"""What a deployment is told about the ring. Only told: without it everything but private writing goes on."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Tags, register

from journal.crypto import KeyRing, KeyRingError


@register(Tags.security, deploy=True)
def check_ring(app_configs: Any, **_: Any) -> list[CheckMessage]:
    """A ring that is missing may be meant; one that can't be read is a mistake."""
    if not settings.JOURNAL_KEYS:
        hint = "Private writing stays closed. docs/journal-keys.md says how to make a key."
        return [checks.Warning("JOURNAL_KEYS is not set.", hint=hint, id="journal.W001")]
    try:
        KeyRing.read(settings.JOURNAL_KEYS)
    except KeyRingError as error:
        return [checks.Error(str(error), hint="Private writing stays closed until it can be read.", id="journal.E001")]
    return []
