"""The numbers that every page shows: emergency, crisis line, the clinic. No database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from accounts.models import Clinic, Country
from accounts.phones import show_phone


@dataclass(frozen=True, slots=True)
class HelpNumbers:
    """Numbers to dial, each with its form to read; an empty string where there is none. Never a dead number."""

    emergency: str
    crisis_name: str
    crisis_call: str
    crisis_text: str
    clinic_phone: str
    clinic_phone_display: str
    after_hours_phone: str
    after_hours_phone_display: str
    is_open: bool


def help_numbers(country: Country, *, clinic: Clinic | None, at: datetime) -> HelpNumbers:
    """The clinic's numbers join when a clinic is known."""
    return HelpNumbers(
        emergency=country.emergency,
        crisis_name=country.crisis_name,
        crisis_call=country.crisis_call,
        crisis_text=country.crisis_text,
        clinic_phone=clinic.phone if clinic else "",
        clinic_phone_display=show_phone(clinic.phone) if clinic else "",
        after_hours_phone=clinic.after_hours_phone if clinic else "",
        after_hours_phone_display=show_phone(clinic.after_hours_phone) if clinic else "",
        is_open=clinic.is_open(at) if clinic else False,
    )
