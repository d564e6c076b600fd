"""Adds what this app keeps to a patient's copy of their own data."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from accounts.copies import Section
from accounts.models import Patient
from checkin.kept import sections


def on_copy_wanted(sender: Any, *, patient: Patient, at: datetime, **_: Any) -> list[Section]:
    return sections(patient, at)
