"""Keeping, opening and taking away what a patient wrote. Whoever opens has checked the PIN: see journal/access.py."""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID, uuid5

from accounts.models import Patient
from accounts.services import record
from aftercare.tenancy import as_journal
from journal.crypto import CanNotOpen, RecordPlace, open_record, seal, version_of
from journal.models import JournalEntry, JournalKey, KeyEvent, ParkedUrge, Share
from journal.revisions import Kept, Place, Saving, place_of
from journal.services.deeds import note_deed
from journal.services.endings import revoke_links
from journal.services.keys import key_to_write, keys_to_read
from journal.states import LISTED, EntryKind, KeyDeed
from journal.words import Opened, Words

log = logging.getLogger(__name__)
TEXT, ABOUT = "text", "about"
# Keys first: without them nothing opens, whatever a copy of the other tables holds.
_ALL = (JournalKey, Share, JournalEntry, ParkedUrge, KeyEvent)


def entry_id_of(patient: Patient, key: UUID) -> UUID:
    """The id of the text that a page with this key writes: nobody's page can name a text of somebody else."""
    return uuid5(patient.pk, str(key))


class TextGone(Exception):
    """It was kept, and has been taken away since: a page that is open still does not bring it back."""


def keep_words(
    patient: Patient,
    *,
    entry_id: UUID,
    words: Words,
    saving: Saving,
    kind: EntryKind = EntryKind.ENTRY,
    was_kept: bool = False,
    at: datetime,
) -> JournalEntry:
    """Seals the words in their place, and returns the row that holds them now: see journal/revisions.py.

    What another page wrote meanwhile is never written over: then the row is one of its own. `was_kept`: the page knows
    that this text was kept before. Raises TextGone then, when it is there no more; and JournalClosed.
    """
    with as_journal():
        # Holds the patient's key: two first savings of one text come one after the other.
        own_key, version = key_to_write(patient, at=at)
        row, place = _kept(patient, entry_id, saving)
        if was_kept and row is None:
            raise TextGone("This was deleted. Copy your words if you want to keep them.")
        while place == "beside":
            # What stands beside it may have been changed by a third page: of that this one has seen nothing either.
            entry_id, saving = uuid5(entry_id, str(saving.writer)), replace(saving, seen=0)
            row, place = _kept(patient, entry_id, saving)
        if row is None:
            row = JournalEntry(id=entry_id, patient=patient, kind=kind, written_at=at, revision=0)
            row.clinic_id = patient.clinic_id
        elif place == "old":
            return row
        else:
            row.edited_at = at
        row.sealed = seal(words.text, key=own_key, version=version, place=record_place(patient, entry_id, TEXT))
        about = words.about
        row.about = (
            seal(about, key=own_key, version=version, place=record_place(patient, entry_id, ABOUT)) if about else None
        )
        row.writer, row.number, row.revision = saving.writer, saving.number, row.revision + 1
        row.save(force_insert=place == "new", force_update=place != "new")
        return row


def is_kept(patient: Patient, entry_id: UUID) -> bool:
    """Whether there is a text with this id already."""
    with as_journal():
        return JournalEntry.objects.filter(patient=patient, pk=entry_id).exists()


def _kept(patient: Patient, entry_id: UUID, saving: Saving) -> tuple[JournalEntry | None, Place]:
    row = JournalEntry.objects.filter(patient=patient, pk=entry_id).first()
    return row, place_of(saving, Kept(row.writer, row.number, row.revision) if row else None)


def open_entries(
    patient: Patient, *, kinds: Collection[EntryKind] = LISTED, deed: KeyDeed = KeyDeed.LISTED, at: datetime
) -> list[Opened]:
    """All texts of these kinds but blank ones, newest first. Always three queries; the opening is logged once.

    Raises JournalClosed.
    """
    with as_journal():
        rows = list(JournalEntry.objects.filter(patient=patient, kind__in=kinds).order_by("-written_at", "pk"))
        opened = [each for each in opened_rows(patient, rows) if not (each.words and each.words.is_blank)]
        if rows:
            note_deed(patient, deed, count=sum(each.words is not None for each in opened), at=at)
        return opened


def open_entry(
    patient: Patient, entry_id: UUID, *, kinds: Collection[EntryKind] = tuple(EntryKind), at: datetime
) -> Opened:
    """One text of these kinds. Raises JournalEntry.DoesNotExist, also for somebody else's, and JournalClosed."""
    with as_journal():
        opened = read_entry(patient, entry_id, kinds=kinds)
        note_deed(patient, KeyDeed.OPENED if opened.words else KeyDeed.REFUSED, entry=entry_id, at=at)
        return opened


def read_entry(patient: Patient, entry_id: UUID, *, kinds: Collection[EntryKind]) -> Opened:
    """open_entry() for whoever puts the opening on record in their own way. As the journal's role."""
    row = JournalEntry.objects.get(patient=patient, pk=entry_id, kind__in=kinds)
    (opened,) = opened_rows(patient, [row])
    return opened


def open_newest(patient: Patient, kind: EntryKind, *, at: datetime) -> Opened | None:
    """The last text of this kind; None where there is none. Raises JournalClosed."""
    with as_journal():
        newest = JournalEntry.objects.filter(patient=patient, kind=kind).order_by("-written_at", "pk")
        entry_id = newest.values_list("pk", flat=True).first()
    return open_entry(patient, entry_id, at=at) if entry_id else None


def opened_rows(patient: Patient, rows: Sequence[JournalEntry]) -> list[Opened]:
    keys = keys_to_read(patient.pk) if rows else {}
    return [_open(patient, row, keys) for row in rows]


def _open(patient: Patient, row: JournalEntry, keys: dict[int, bytes]) -> Opened:
    words = None
    try:
        about = open_sealed(patient, row.pk, ABOUT, bytes(row.about), keys) if row.about else ""
        words = Words.read(open_sealed(patient, row.pk, TEXT, bytes(row.sealed), keys), about)
    except CanNotOpen:
        # Kept as it is, and never in the way of the others.
        log.error("A record of the journal does not open", extra={"entry": row.pk})
    return Opened(row.pk, EntryKind(row.kind), row.written_at, row.edited_at, row.revision, words)


def open_sealed(patient: Patient, row_id: UUID, field: str, sealed: bytes, keys: dict[int, bytes]) -> str:
    """One record of a patient's row, with `keys` from keys_to_read(). Raises CanNotOpen."""
    key = keys.get(version_of(sealed))
    if key is None:
        raise CanNotOpen("The key of this record is gone.")
    return open_record(sealed, key=key, place=record_place(patient, row_id, field))


def record_place(patient: Patient, row_id: UUID, field: str) -> RecordPlace:
    """Where a record of this row and field belongs."""
    return RecordPlace(str(patient.clinic_id), str(patient.pk), str(row_id), field)


def destroy_journal(patient: Patient, *, at: datetime) -> None:
    """The patient's own act: key and all that it sealed, at once. What is left is that it was done, and when.

    A second tap finds nothing to destroy, and notes nothing.
    """
    with as_journal():
        # Of two taps at once, and of a text that is being kept, this waits for the other.
        has_key = JournalKey.objects.select_for_update().filter(patient=patient).exists()
        if not (has_key or JournalEntry.objects.filter(patient=patient).exists()):
            return
    destroy_journals([patient.pk])
    with as_journal():
        note_deed(patient, KeyDeed.DESTROYED, at=at)
    record("journal_destroyed", on=patient, at=at, by=patient)


def destroy_journals(patient_ids: Collection[UUID]) -> None:
    """Of these patients nothing is left that opens, in this database or in any copy that comes after."""
    with as_journal():
        share_ids = list(Share.objects.filter(patient__in=list(patient_ids)).values_list("pk", flat=True))
        for model in _ALL:
            model._default_manager.filter(patient__in=list(patient_ids))._raw_delete("default")
    revoke_links(share_ids)
