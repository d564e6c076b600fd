"""Fills the list of what a patient has shared, and what stands on the page that shares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from accounts.models import Patient
from aftercare.tenancy import as_journal
from journal.models import JournalEntry, KeyEvent, Share
from journal.sharing import ENDS_AFTER
from journal.states import EntryKind, KeyDeed
from timeline.phases import clock_words

_WHAT: Mapping[str, str] = {
    EntryKind.ENTRY: "Your words from {when}",
    EntryKind.INTENTION: "Your line from {when}",
    EntryKind.NOTE: "Your note from {when}",
    EntryKind.SUMMARY: "Your page from {when}",
}
_GONE = "A text that you took away"
_LOGGED = (KeyDeed.SHARE_OPENED, KeyDeed.SHARE_MISSED)


@dataclass(frozen=True, slots=True)
class SharedRow:
    """One copy: what it is of, until when or since when, and each opening, oldest first. `misses`: wrong codes in all."""

    id: UUID
    what: str
    made: str
    is_open: bool
    ends: str
    openings: tuple[str, ...]
    misses: int
    name: str = ""


@dataclass(frozen=True, slots=True)
class SharesPage:
    """All copies, newest first: those that can be opened, then those that have ended. `rows` are what the names are in."""

    open: tuple[SharedRow, ...]
    over: tuple[SharedRow, ...]
    rows: tuple[Share, ...]

    def named(self, names: Mapping[UUID, str]) -> SharesPage:
        """With for whom each one is, as far as it opened."""
        opened, over = (
            tuple(replace(row, name=names.get(row.id, "")) for row in rows) for rows in (self.open, self.over)
        )
        return replace(self, open=opened, over=over)


def shares_page(patient: Patient, at: datetime) -> SharesPage:
    """Three queries. Opens nothing: for whom each one is, is sealed."""
    zone = ZoneInfo(patient.zone)
    with as_journal():
        shares = list(Share.objects.filter(patient=patient).defer("wrapped", "sealed").order_by("-made_at", "pk"))
        ids = [share.entry for share in shares]
        entries = {row.pk: row for row in JournalEntry.objects.filter(patient=patient, pk__in=ids).only(*_SHOWN)}
        events = list(KeyEvent.objects.filter(patient=patient, share__isnull=False, deed__in=_LOGGED).order_by("pk"))
    rows = tuple(_row(share, entries.get(share.entry), events, zone=zone, at=at) for share in shares)
    return SharesPage(
        open=tuple(row for row in rows if row.is_open),
        over=tuple(row for row in rows if not row.is_open),
        rows=tuple(shares),
    )


_SHOWN = ("id", "kind", "written_at", "patient", "clinic")


def _row(
    share: Share, entry: JournalEntry | None, events: list[KeyEvent], *, zone: ZoneInfo, at: datetime
) -> SharedRow:
    own = [event for event in events if event.share == share.pk]
    openings = [clock_words(event.at, zone=zone, today=at) for event in own if event.deed == KeyDeed.SHARE_OPENED]
    return SharedRow(
        id=share.pk,
        what=what_words(entry, zone=zone, at=at),
        made=clock_words(share.made_at, zone=zone, today=at),
        is_open=share.ended_at is None and share.ends_at > at,
        ends=_ends(share, zone=zone, at=at),
        openings=tuple(openings),
        misses=len(own) - len(openings),
    )


def what_words(entry: JournalEntry | None, *, zone: ZoneInfo, at: datetime) -> str:
    """What was shared, by its kind and its time alone."""
    if entry is None or entry.kind not in _WHAT:
        return _GONE
    return _WHAT[entry.kind].format(when=clock_words(entry.written_at, zone=zone, today=at))


def _ends(share: Share, *, zone: ZoneInfo, at: datetime) -> str:
    """Until when it opens; or how and when it ended."""
    if share.ended_at is None and share.ends_at > at:
        return clock_words(share.ends_at, zone=zone, today=at)
    if share.ended_at is None or share.ended_at >= share.ends_at:
        return f"Its time was over at {clock_words(share.ends_at, zone=zone, today=at)}."
    ended = clock_words(share.ended_at, zone=zone, today=at)
    if share.misses >= ENDS_AFTER:
        return f"It ended by itself at {ended}. There were too many wrong codes."
    return f"It ended at {ended}."
