"""Takes a journal away with its patient, inside the transaction that does so; adds it to the patient's own copy."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from accounts.copies import Section
from accounts.models import Patient
from journal.services import copy_sections, destroy_journals


def on_patients_forgotten(sender: Any, *, patient_ids: Collection[UUID], **_: Any) -> None:
    destroy_journals(patient_ids)


def on_copy_wanted(sender: Any, *, patient: Patient, at: datetime, **_: Any) -> list[Section]:
    return copy_sections(patient, at=at)
