"""Fills the page of the line before a visit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from accounts.models import Patient
from aftercare.tenancy import as_journal
from journal.models import JournalEntry
from journal.states import EntryKind
from timeline.phases import clock_words


@dataclass(frozen=True, slots=True)
class IntentionPage:
    """`kept`: when the last line was written, "" where there is none."""

    kept: str


def intention_page(patient: Patient, at: datetime) -> IntentionPage:
    """One query."""
    with as_journal():
        rows = JournalEntry.objects.filter(patient=patient, kind=EntryKind.INTENTION).order_by("-written_at")
        written_at = rows.values_list("written_at", flat=True).first()
    return IntentionPage(kept=clock_words(written_at, zone=ZoneInfo(patient.zone), today=at) if written_at else "")
