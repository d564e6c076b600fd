"""What a clinic's own words and zones have to be."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError

from aftercare.words import NOTICE_WORDS, found_words


def validate_zone(value: str) -> None:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError):
        raise ValidationError(f"{value!r} is not a time zone such as America/New_York.") from None


def validate_sender_name(value: str) -> None:
    if telling := found_words(value, NOTICE_WORDS):
        raise ValidationError(f"A text may not hold the word {telling[0]!r}: anybody may see it on the phone.")
