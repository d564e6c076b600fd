"""The log of all that is done with a patient's key, for the patient to see."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from accounts.models import Patient
from journal.models import JournalKey, KeyEvent, Share
from journal.states import KeyDeed


def event(whose: Patient | JournalKey | Share, deed: KeyDeed, *, at: datetime, **more: Any) -> KeyEvent:
    """A line that is not kept yet, for the patient or for whose row it is."""
    patient_id = whose.pk if isinstance(whose, Patient) else whose.patient_id
    return KeyEvent(clinic_id=whose.clinic_id, patient_id=patient_id, deed=deed, at=at, **more)


def note_deed(whose: Patient | JournalKey | Share, deed: KeyDeed, *, at: datetime, **more: Any) -> None:
    """A line in the log. As the journal's role."""
    event(whose, deed, at=at, **more).save(force_insert=True)
