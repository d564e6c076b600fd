"""Phone numbers as they are stored (+15550100142), dialled and shown."""

from __future__ import annotations

import phonenumbers
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _


def read_phone(typed: str, *, country: str) -> str:
    """What was typed, as +15550100142. `country` is a two-letter code. Raises ValidationError in plain words."""
    try:
        number = phonenumbers.parse(typed, country)
    except phonenumbers.NumberParseException:
        raise ValidationError(_("Type a phone number, like 555-010-0142."), code="phone") from None
    if not phonenumbers.is_possible_number(number) or number.extension:
        raise ValidationError(_("This phone number is too short or too long. Check it once more."), code="phone")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def show_phone(stored: str) -> str:
    """A number as people of its country write it; short numbers such as 911 as they are."""
    if not stored.startswith("+"):
        return stored
    number = phonenumbers.parse(stored)
    if number.country_code == 1:
        national = str(number.national_number)
        return f"{national[:3]}-{national[3:6]}-{national[6:]}"
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def validate_stored_phone(value: str) -> None:
    """For model fields: E.164, or empty."""
    if value and read_phone(value, country="ZZ") != value:
        raise ValidationError("Store phone numbers as +15550100142.")
