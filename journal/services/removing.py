"""Taking one text away for good: from where it was kept, from the pages for a talk, and from the copies that hold it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from accounts.models import Patient
from aftercare.tenancy import as_journal
from journal.crypto import CanNotOpen, seal
from journal.models import JournalEntry, Share
from journal.one_page import OnePage
from journal.services.deeds import note_deed
from journal.services.endings import end_shares
from journal.services.entries import TEXT, opened_rows, record_place
from journal.services.keys import key_to_write, newest_key
from journal.services.shares import open_copy
from journal.states import EntryKind, KeyDeed


@dataclass(frozen=True, slots=True)
class _Taken:
    """The text that goes."""

    id: UUID
    is_line: bool

    def out_of(self, page: OnePage) -> OnePage:
        return page.without(str(self.id), line=self.is_line)


def remove_entry(patient: Patient, entry_id: UUID, *, at: datetime) -> int:
    """Takes one text of any kind away for good. A second tap finds nothing left to take.

    What a page for a talk has of it goes too, and so does a page that is empty then; copies that hold it end. A line from
    before a visit goes from every page that has such a line: pages do not say which one it is. Returns how many pages do
    not open, and may hold it still. Raises JournalClosed when there are pages and no key opens any: then nothing is done.
    """
    with as_journal():
        newest_key(patient.pk)  # before any other row: see there
        row = JournalEntry.objects.filter(patient=patient, pk=entry_id).first()
        if row is None:
            return 0
        taken = _Taken(entry_id, is_line=row.kind == EntryKind.INTENTION)
        pages = JournalEntry.objects.filter(patient=patient, kind=EntryKind.SUMMARY).exclude(pk=entry_id)
        unread = _take_out(patient, taken, list(pages.order_by("pk")), at=at)
        JournalEntry.objects.filter(pk=row.pk)._raw_delete("default")
        note_deed(patient, KeyDeed.REMOVED, entry=entry_id, at=at)
        ends = list(_holders(patient, taken))
    end_shares(at=at, patient=patient, pk__in=ends)
    return unread


def _take_out(patient: Patient, taken: _Taken, rows: list[JournalEntry], *, at: datetime) -> int:
    """Returns how many of these pages do not open. They stay as they are."""
    unread = 0
    for row, opened in zip(rows, opened_rows(patient, rows), strict=True):
        if opened.words is None:
            unread += 1
            continue
        page = OnePage.read(opened.words.text)
        left = taken.out_of(page)
        if not left.parts:
            JournalEntry.objects.filter(pk=row.pk)._raw_delete("default")
        elif left != page:
            _keep_less(patient, row, left, at=at)
    return unread


def _keep_less(patient: Patient, row: JournalEntry, page: OnePage, *, at: datetime) -> None:
    """No open page is its writer any more: what one sends that saw more of it is refused."""
    key, version = key_to_write(patient, at=at)
    row.sealed = seal(page.dump(), key=key, version=version, place=record_place(patient, row.pk, TEXT))
    row.writer, row.number, row.revision, row.edited_at = None, 0, row.revision + 1, at
    row.save(force_update=True)


def _holders(patient: Patient, taken: _Taken) -> Iterable[UUID]:
    """The open copies that are of this text or hold it. One that does not open for us opens for nobody."""
    for share in Share.objects.filter(patient=patient, ended_at=None).order_by("pk"):
        if share.entry == taken.id or _holds(share, taken):
            yield share.pk


def _holds(share: Share, taken: _Taken) -> bool:
    try:
        page = open_copy(share)
    except CanNotOpen:
        return False
    return taken.out_of(page) != page
