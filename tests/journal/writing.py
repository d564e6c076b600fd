"""Something written, for tests that begin after it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from accounts.models import Patient
from journal.models import JournalEntry
from journal.revisions import Saving
from journal.services import entry_id_of, keep_words
from journal.states import EntryKind
from journal.words import Words


def wrote(
    patient: Patient,
    text: str,
    *,
    at: datetime,
    kind: EntryKind = EntryKind.ENTRY,
    feelings: tuple[str, ...] = (),
    key: UUID | None = None,
) -> JournalEntry:
    """Inside the clinic's tenant()."""
    key = key or uuid4()
    return keep_words(
        patient,
        entry_id=entry_id_of(patient, key),
        words=Words(text, feelings),
        saving=Saving(writer=key, number=1),
        kind=kind,
        at=at,
    )
