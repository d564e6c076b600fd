"""The words of a night, what stands out of them, and the page that a patient puts together of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from django.db.models import Q

from accounts.models import Patient
from aftercare.tenancy import as_journal
from journal.models import JournalEntry
from journal.one_page import OnePage
from journal.queries.morning import WRITTEN, night_of
from journal.revisions import Kept, Saving, place_of
from journal.services.entries import entry_id_of, keep_words, note_deed, opened_rows
from journal.states import EntryKind, KeyDeed
from journal.themes import join
from journal.words import Opened, Words
from timeline.models import Treatment

# How many texts can be chosen from, the newest first.
MOST_TEXTS = 12


class ChangedElsewhere(Exception):
    """Another page has changed this since it was opened here: nothing is written over."""


@dataclass(frozen=True, slots=True)
class Night:
    """What was written from hour 0 to hour 36, oldest first; and what stood out of it, None before anything was kept."""

    texts: tuple[Opened, ...]
    themes: Opened | None


@dataclass(frozen=True, slots=True)
class Choices:
    """What a page can be made of, opened: texts, newest first; `line` is the one from before the visit; `page` the kept page."""

    texts: tuple[Opened, ...]
    themes: Opened | None
    line: Opened | None
    page: Opened | None


def open_night(patient: Patient, visit: Treatment, *, at: datetime) -> Night:
    """Three queries; the opening is logged once. Raises JournalClosed."""
    with as_journal():
        rows = _newest_first(patient, night_of(visit) | Q(pk=themes_id(patient, visit)))
        opened = _open(patient, rows, at=at)
    return Night(
        texts=tuple(reversed([each for each in opened if each.kind in WRITTEN])),
        themes=_first(opened, EntryKind.THEMES),
    )


def open_choices(patient: Patient, visit: Treatment | None, *, at: datetime) -> Choices:
    """Three queries; the opening is logged once. Raises JournalClosed. Without a visit the newest texts of all."""
    since = visit.hour_zero if visit else None
    written = Q(kind__in=WRITTEN) & (Q(written_at__gte=since) if since else Q())
    line = Q(kind=EntryKind.INTENTION) & (Q(written_at__lte=since) if since else Q())
    own = [summary_id(patient, visit), *([themes_id(patient, visit)] if visit else [])]
    with as_journal():
        rows = _newest_first(patient, written | line | Q(pk__in=own))
        texts = [row for row in rows if row.kind in WRITTEN][:MOST_TEXTS]
        others = {row.kind: row for row in reversed(rows) if row.kind not in WRITTEN}
        opened = _open(patient, [*texts, *others.values()], at=at)
    return Choices(
        texts=tuple(each for each in opened if each.kind in WRITTEN),
        themes=_first(opened, EntryKind.THEMES),
        line=_first(opened, EntryKind.INTENTION),
        page=_first(opened, EntryKind.SUMMARY),
    )


def _newest_first(patient: Patient, which: Q) -> list[JournalEntry]:
    return list(JournalEntry.objects.filter(which, patient=patient).order_by("-written_at", "pk"))


def _open(patient: Patient, rows: Sequence[JournalEntry], *, at: datetime) -> list[Opened]:
    """As the journal's role."""
    opened = [each for each in opened_rows(patient, rows) if not (each.words and each.words.is_blank)]
    if rows:
        note_deed(patient, KeyDeed.LISTED, count=sum(each.words is not None for each in opened), at=at)
    return opened


def _first(opened: Sequence[Opened], kind: EntryKind) -> Opened | None:
    return next((each for each in opened if each.kind == kind), None)


def themes_id(patient: Patient, visit: Treatment) -> UUID:
    """The id of what stood out of one visit."""
    return entry_id_of(patient, uuid5(visit.pk, EntryKind.THEMES))


def summary_id(patient: Patient, visit: Treatment | None) -> UUID:
    """The id of the page of one visit, or of the page of somebody who had none yet."""
    return entry_id_of(patient, uuid5(visit.pk if visit else patient.pk, EntryKind.SUMMARY))


def keep_themes(
    patient: Patient, visit: Treatment, *, themes: Sequence[str], saving: Saving, at: datetime
) -> JournalEntry:
    """Up to three, in place of those before. Raises ChangedElsewhere and JournalClosed."""
    words, entry_id = Words(join(themes)), themes_id(patient, visit)
    return _keep_one(patient, entry_id, words=words, saving=saving, kind=EntryKind.THEMES, at=at)


def keep_page(
    patient: Patient, visit: Treatment | None, *, page: OnePage, saving: Saving, at: datetime
) -> JournalEntry:
    """In place of the page before. Raises ChangedElsewhere and JournalClosed."""
    words, entry_id = Words(page.dump()), summary_id(patient, visit)
    return _keep_one(patient, entry_id, words=words, saving=saving, kind=EntryKind.SUMMARY, at=at)


def _keep_one(
    patient: Patient, entry_id: UUID, *, words: Words, saving: Saving, kind: EntryKind, at: datetime
) -> JournalEntry:
    """Of this there is one. In a race of two pages, after the look, both are kept."""
    with as_journal():
        row = JournalEntry.objects.filter(patient=patient, pk=entry_id).first()
    if row and place_of(saving, Kept(row.writer, row.number, row.revision)) == "beside":
        raise ChangedElsewhere("You changed this on another page. Look once more. Then keep it.")
    return keep_words(patient, entry_id=entry_id, words=words, saving=saving, kind=kind, at=at)
