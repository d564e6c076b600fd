"""The PIN of a patient: kept as a hash that a copy of the table alone can't be searched for."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.hashers import make_password

from accounts.models import Patient
from accounts.tokens import hash_code


def set_pin(patient: Patient, pin: str) -> None:
    """Replaces the PIN, and forgets the wrong tries at the one before."""
    patient.pin_hash, patient.pin_misses, patient.pin_locked_until = make_password(_peppered(pin)), 0, None
    patient.save(update_fields=["pin_hash", "pin_misses", "pin_locked_until"])


def _peppered(pin: str) -> str:
    return hash_code(pin, pepper=settings.PIN_PEPPER)
