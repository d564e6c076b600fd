"""One private line before a visit: written at once, read again with the PIN."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID, uuid5

from accounts.models import Patient
from aftercare.tenancy import as_journal
from journal.crypto import RecordPlace, open_record, seal, version_of
from journal.models import JournalEntry, JournalKey, KeyEvent
from journal.services.keys import JournalClosed, key_to_read, key_to_write
from journal.states import EntryKind, KeyDeed

__all__ = ["JournalClosed", "destroy_journals", "open_intention", "write_intention"]
_TEXT = "text"


def write_intention(patient: Patient, *, key: UUID, text: str, at: datetime) -> JournalEntry:
    """Seals the line. A second try with the same key of the page is the same entry. Raises JournalClosed."""
    entry_id = uuid5(patient.pk, str(key))
    with as_journal():
        own_key, version = key_to_write(patient, at=at)
        sealed = seal(text, key=own_key, version=version, place=_place(patient, entry_id))
        entry, is_new = JournalEntry.objects.get_or_create(
            id=entry_id,
            clinic_id=patient.clinic_id,
            patient=patient,
            defaults={"kind": EntryKind.INTENTION, "sealed": sealed, "written_at": at},
        )
        if not is_new:
            entry.sealed, entry.edited_at = sealed, at
            entry.save(update_fields=["sealed", "edited_at"])
        return entry


def open_intention(patient: Patient, *, at: datetime) -> str:
    """The last line that was written before a visit, "" where there is none. The opening is logged.

    Whoever calls this has checked the PIN. Raises JournalClosed, CanNotOpen.
    """
    with as_journal():
        entry = JournalEntry.objects.filter(patient=patient, kind=EntryKind.INTENTION).order_by("-written_at").first()
        if entry is None:
            return ""
        record = bytes(entry.sealed)
        text = open_record(record, key=key_to_read(patient, version_of(record)), place=_place(patient, entry.pk))
        KeyEvent.objects.create(
            clinic_id=patient.clinic_id, patient=patient, deed=KeyDeed.OPENED, entry=entry.pk, at=at
        )
        return text


def destroy_journals(patient_ids: Collection[UUID]) -> None:
    """Keys first: without them nothing opens, in no copy of the database that comes after. Then what they sealed."""
    with as_journal():
        for rows in (JournalKey.objects, JournalEntry.objects, KeyEvent.objects):
            rows.filter(patient__in=list(patient_ids))._raw_delete("default")


def _place(patient: Patient, entry_id: UUID) -> RecordPlace:
    return RecordPlace(str(patient.clinic_id), str(patient.pk), str(entry_id), _TEXT)
