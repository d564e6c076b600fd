"""What a clinic's own words and zones have to be."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError

from aftercare.words import telling_in_name


def validate_zone(value: str) -> None:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError):
        raise ValidationError(f"{value!r} is not a time zone such as America/New_York.") from None


def validate_sender_name(value: str) -> None:
    if telling := telling_in_name(value):
        raise ValidationError(f"A text may not hold the word {telling!r}: anybody may see it on the phone.")
