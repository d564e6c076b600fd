"""Fills the pages of old writing from texts that were opened. It opens nothing itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from accounts.models import Patient
from aftercare.tenancy import as_journal
from journal.models import JournalEntry
from journal.one_page import OnePage
from journal.queries.days import Stretch, by_days, short_moment
from journal.states import LISTED, READ_AGAIN, SHARED, EntryKind
from journal.words import Opened, Words
from timeline.phases import visit_words

# A first line is cut there, at a word.
FIRST_LINE = 90
_LABELS = {EntryKind.INTENTION: "Before your visit", EntryKind.NOTE: "With your log"}
# What there is one of for each visit goes by its name and its day.
_NAMES = {EntryKind.THEMES: "What stood out", EntryKind.SUMMARY: "Page for a talk"}


@dataclass(frozen=True, slots=True)
class EntryLine:
    """One text in the list: how it begins, or what was felt; "" for one that does not open."""

    id: UUID
    written_at: datetime
    first_line: str
    label: str
    when: str


@dataclass(frozen=True, slots=True)
class EntriesPage:
    """All texts, newest first, by day and month."""

    days: tuple[Stretch[EntryLine], ...]
    count: int


def entries_page(opened: Sequence[Opened], *, patient: Patient, at: datetime) -> EntriesPage:
    """No query. `opened` is newest first."""
    zone = ZoneInfo(patient.zone)
    lines = [
        EntryLine(
            id=each.id,
            written_at=each.written_at,
            first_line=(_name(each.kind, each.written_at, zone) or first_line(each.words)) if each.words else "",
            label=_LABELS.get(each.kind, "") if each.words else _label(each.kind, each.written_at, zone),
            when=short_moment(each.written_at, zone=zone, at=at),
        )
        for each in opened
    ]
    return EntriesPage(by_days(lines, moment_of=lambda line: line.written_at, zone=zone, at=at), len(lines))


def _name(kind: EntryKind, written_at: datetime, zone: ZoneInfo) -> str:
    """ "Page for a talk, Nov 16"; "" for what goes by how it begins."""
    local = written_at.astimezone(zone)
    return f"{_NAMES[kind]}, {local:%b} {local.day}" if kind in _NAMES else ""


def _label(kind: EntryKind, written_at: datetime, zone: ZoneInfo) -> str:
    return _name(kind, written_at, zone) or _LABELS.get(kind, "")


def first_line(words: Words) -> str:
    """How a text begins; without one, the feelings that were tapped."""
    begins = next((line.strip() for line in words.text.splitlines() if line.strip()), "")
    if not begins:
        return ", ".join(words.feelings)
    if len(begins) <= FIRST_LINE:
        return begins
    cut = begins[:FIRST_LINE]
    return f"{cut.rsplit(' ', 1)[0] if ' ' in cut[FIRST_LINE // 2 :] else cut}\N{HORIZONTAL ELLIPSIS}"


@dataclass(frozen=True, slots=True)
class EntryPage:
    """One text. `words` is None for one that does not open; `changed` is "" for one that was never changed.

    `shown` is what it holds if it is a page for a talk, whose words are no text to read.
    """

    id: UUID
    label: str
    written: str
    changed: str
    words: Words | None
    shown: OnePage | None
    can_be_changed: bool
    can_be_shared: bool


def entry_page(opened: Opened, *, patient: Patient, at: datetime) -> EntryPage:
    """No query."""
    zone = ZoneInfo(patient.zone)
    return EntryPage(
        id=opened.id,
        label=_label(opened.kind, opened.written_at, zone),
        written=visit_words(opened.written_at, zone=zone, today=at),
        changed=visit_words(opened.edited_at, zone=zone, today=at) if opened.edited_at else "",
        words=opened.words,
        shown=OnePage.read(opened.words.text) if opened.words and opened.kind == EntryKind.SUMMARY else None,
        can_be_changed=bool(opened.words) and opened.kind in READ_AGAIN,
        can_be_shared=bool(opened.words) and opened.kind in SHARED,
    )


def is_readable(patient: Patient, entry_id: UUID) -> bool:
    """Whether there is such a text of the patient's that can be changed. One query; opens nothing."""
    with as_journal():
        return JournalEntry.objects.filter(patient=patient, pk=entry_id, kind__in=READ_AGAIN).exists()


@dataclass(frozen=True, slots=True)
class RemovePage:
    """What is about to be taken away, by its time alone: a text, or (`is_page`) the page for a talk.

    `has_pages`: whether there is another page for a talk, which may have some of it.
    """

    id: UUID
    label: str
    written: str
    is_page: bool
    has_pages: bool


def remove_page(patient: Patient, entry_id: UUID, at: datetime) -> RemovePage:
    """Two queries; opens nothing. Raises JournalEntry.DoesNotExist, also for somebody else's."""
    with as_journal():
        row = JournalEntry.objects.get(patient=patient, pk=entry_id, kind__in=LISTED)
        pages = JournalEntry.objects.filter(patient=patient, kind=EntryKind.SUMMARY).exclude(pk=entry_id)
        has_pages = pages.exists()
    kind, zone = EntryKind(row.kind), ZoneInfo(patient.zone)
    return RemovePage(
        id=row.pk,
        label=_label(kind, row.written_at, zone),
        written=visit_words(row.written_at, zone=zone, today=at),
        is_page=kind == EntryKind.SUMMARY,
        has_pages=has_pages and kind != EntryKind.SUMMARY,
    )
