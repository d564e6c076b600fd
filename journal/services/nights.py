"""The words of a night, what stands out of them, and the page that a patient puts together of it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from django.db import transaction
from django.db.models import Q, QuerySet

from accounts.models import Patient
from aftercare.tenancy import as_journal
from journal.models import JournalEntry
from journal.one_page import OnePage
from journal.queries.morning import WRITTEN, night_of
from journal.revisions import Kept, Saving, place_of
from journal.services.deeds import note_deed
from journal.services.entries import entry_id_of, keep_words, opened_rows
from journal.services.keys import CLOSED, JournalClosed, key_to_write, newest_key, trusted_ring
from journal.services.removing import remove_entry
from journal.states import EntryKind, KeyDeed
from journal.themes import join
from journal.words import Opened, Words
from timeline.models import Treatment

# How many texts can be chosen from, the newest first.
MOST_TEXTS = 12
# Of what there is one of, each visit has so many places: one that is damaged is kept, and the next place is written in.
_PLACES = 5


class ChangedElsewhere(Exception):
    """Another page has changed this since it was opened here: nothing is written over."""


@dataclass(frozen=True, slots=True)
class Night:
    """What was written from hour 0 to hour 36, oldest first; and what stood out of it, None before anything was kept.

    `themes` have no words where they are damaged and no others were kept since.
    """

    texts: tuple[Opened, ...]
    themes: Opened | None


@dataclass(frozen=True, slots=True)
class Choices:
    """What a page can be made of, opened: texts, newest first; `line` is the one from before the visit; `page` the kept page.

    `themes` and `page` have no words where they are damaged and none was kept since.
    """

    texts: tuple[Opened, ...]
    themes: Opened | None
    line: Opened | None
    page: Opened | None


def open_night(patient: Patient, visit: Treatment, *, at: datetime) -> Night:
    """Three queries; the opening is logged once. Raises JournalClosed."""
    places = _places(themes_id(patient, visit))
    with as_journal():
        opened = _open(patient, list(_newest_first(patient, night_of(visit) | Q(pk__in=places))), at=at)
    return Night(
        texts=tuple(reversed([each for each in opened if each.kind in WRITTEN])),
        themes=_standing(opened, places),
    )


def open_choices(patient: Patient, visit: Treatment | None, *, named: Collection[UUID] = (), at: datetime) -> Choices:
    """At most eight queries; the opening is logged once. Raises JournalClosed. Without a visit the newest texts of all.

    `named` are texts that are wanted however old they are, as far as they are this patient's. So are those on the kept page.
    """
    since = visit.hour_zero if visit else None
    written = Q(kind__in=WRITTEN) & (Q(written_at__gte=since) if since else Q())
    before = Q(kind=EntryKind.INTENTION) & (Q(written_at__lte=since) if since else Q())
    pages = _places(summary_id(patient, visit))
    themes = _places(themes_id(patient, visit)) if visit else []
    with as_journal():
        if named:
            # They are to be kept: under a stray ring none of them is damaged, the journal is closed.
            trusted_ring()
        newest = _newest_first(patient, written).values_list("pk", flat=True)[:MOST_TEXTS]
        line = _newest_first(patient, before).values_list("pk", flat=True)[:1]
        on_page = _entries_on(patient, pages)
        wanted = Q(pk__in=[*newest, *line, *pages, *themes]) | Q(pk__in=[*named, *on_page], kind__in=WRITTEN)
        opened = _open(patient, list(_newest_first(patient, wanted)), at=at)
    return Choices(
        texts=tuple(each for each in opened if each.kind in WRITTEN),
        themes=_standing(opened, themes),
        line=next((each for each in opened if each.kind == EntryKind.INTENTION), None),
        page=_standing(opened, pages),
    )


def _entries_on(patient: Patient, pages: Sequence[UUID]) -> list[UUID]:
    """The texts that the kept page is made of. As the journal's role."""
    page = _standing(opened_rows(patient, list(_newest_first(patient, Q(pk__in=pages)))), pages)
    parts = OnePage.read(page.words.text).parts if page and page.words else ()
    return [UUID(part.entry) for part in parts if part.entry]


def _newest_first(patient: Patient, which: Q) -> QuerySet[JournalEntry]:
    return JournalEntry.objects.filter(which, patient=patient).order_by("-written_at", "pk")


def _open(patient: Patient, rows: Sequence[JournalEntry], *, at: datetime) -> list[Opened]:
    """As the journal's role."""
    opened = [each for each in opened_rows(patient, rows) if not (each.words and each.words.is_blank)]
    if rows:
        note_deed(patient, KeyDeed.LISTED, count=sum(each.words is not None for each in opened), at=at)
    return opened


def _places(first_id: UUID) -> list[UUID]:
    return [first_id, *(uuid5(first_id, str(number)) for number in range(1, _PLACES))]


def _standing(opened: Sequence[Opened], places: Sequence[UUID]) -> Opened | None:
    """What is in the last of the places that opens; where none does, what is damaged; None where nothing was kept."""
    found = sorted((each for each in opened if each.id in places), key=lambda each: places.index(each.id))
    return next((each for each in reversed(found) if each.words), found[-1] if found else None)


def themes_id(patient: Patient, visit: Treatment) -> UUID:
    """The first place of what stood out of one visit."""
    return entry_id_of(patient, uuid5(visit.pk, EntryKind.THEMES))


def summary_id(patient: Patient, visit: Treatment | None) -> UUID:
    """The first place of the page of one visit, or of the page of somebody who had none yet."""
    return entry_id_of(patient, uuid5(visit.pk if visit else patient.pk, EntryKind.SUMMARY))


def keep_themes(
    patient: Patient, visit: Treatment, *, themes: Sequence[str], saving: Saving, at: datetime
) -> JournalEntry:
    """Up to three, in place of those before. Raises ChangedElsewhere and JournalClosed."""
    words, first_id = Words(join(themes)), themes_id(patient, visit)
    return _keep_one(patient, first_id, words=words, saving=saving, kind=EntryKind.THEMES, at=at)


def remove_themes(patient: Patient, visit: Treatment, *, saving: Saving, at: datetime) -> None:
    """None stand out any more. What is damaged stays. Raises ChangedElsewhere and JournalClosed."""
    with transaction.atomic():
        with as_journal():
            newest_key(patient.pk)
            row = _seen(patient, themes_id(patient, visit), saving)[0]
        if row:
            remove_entry(patient, row.pk, at=at)


def keep_page(
    patient: Patient, visit: Treatment | None, *, page: OnePage, saving: Saving, at: datetime
) -> JournalEntry:
    """In place of the page before. Raises ChangedElsewhere and JournalClosed."""
    words, first_id = Words(page.dump()), summary_id(patient, visit)
    return _keep_one(patient, first_id, words=words, saving=saving, kind=EntryKind.SUMMARY, at=at)


def _keep_one(
    patient: Patient, first_id: UUID, *, words: Words, saving: Saving, kind: EntryKind, at: datetime
) -> JournalEntry:
    """Of this there is one: never over what this page has not seen, and never over what is damaged."""
    with transaction.atomic():
        with as_journal():
            # Holds the patient's key from the look on: of two pages at once the second sees what the first wrote.
            key_to_write(patient, at=at)
            row, free = _seen(patient, first_id, saving)
        entry_id = row.pk if row else free
        if entry_id is None:
            raise JournalClosed(CLOSED)
        return keep_words(patient, entry_id=entry_id, words=words, saving=saving, kind=kind, at=at)


def _seen(patient: Patient, first_id: UUID, saving: Saving) -> tuple[JournalEntry | None, UUID | None]:
    """What stands, if it opens, and the first free place. Raises ChangedElsewhere for what the page has not seen."""
    places = _places(first_id)
    rows = {row.pk: row for row in JournalEntry.objects.filter(patient=patient, pk__in=places)}
    standing = _standing(opened_rows(patient, list(rows.values())), places)
    row = rows[standing.id] if standing and standing.words else None
    if row and place_of(saving, Kept(row.writer, row.number, row.revision)) == "beside":
        raise ChangedElsewhere("You changed this on another page. Look once more. Then keep it.")
    return row, next((each for each in places if each not in rows), None)
