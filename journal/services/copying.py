"""The private half of a patient's copy: every text that opens, what waits, what was shared, and who opened what."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from accounts.copies import Section
from accounts.models import Patient
from aftercare.tenancy import as_journal
from journal.crypto import CanNotOpen
from journal.models import JournalEntry, KeyEvent, ParkedUrge, Share
from journal.one_page import OnePage
from journal.queries.openings import WHO, deed_words
from journal.services.deeds import note_deed
from journal.services.entries import open_sealed, opened_rows
from journal.services.keys import JournalClosed, keys_to_read
from journal.services.shares import names_of
from journal.services.urges import URGE
from journal.states import EntryKind, KeyActor, KeyDeed, UrgeAnswer
from journal.words import DAMAGED, Opened

_MISSING = "They can not be opened now, so they are not in this copy. They are kept. Make a new copy later."
_KINDS = {
    EntryKind.ENTRY: "What you wrote",
    EntryKind.INTENTION: "Before a visit",
    EntryKind.NOTE: "With your log",
    EntryKind.THEMES: "Themes",
    EntryKind.SUMMARY: "A page to share",
}
_ANSWERS = {UrgeAnswer.KEPT: "Kept", UrgeAnswer.ASKED: "To ask somebody"}


def copy_sections(patient: Patient, *, at: datetime) -> list[Section]:
    """Everything that opens, opened once and put on record once; what is damaged is named. Whoever asks has checked the PIN.

    Without a key that opens it the rest comes all the same, and says so. Who has nothing here needs no key. Eight queries,
    and one for the line on record.
    """
    with as_journal():
        rows = list(JournalEntry.objects.filter(patient=patient).order_by("written_at", "pk"))
        urges = list(ParkedUrge.objects.filter(patient=patient).order_by("parked_at", "pk"))
        shares = list(Share.objects.filter(patient=patient).order_by("made_at", "pk"))
        log = list(KeyEvent.objects.filter(patient=patient).order_by("at", "pk"))
        try:
            return [*_opened(patient, rows, urges, shares, at=at), _openings(log)]
        except JournalClosed:
            unnamed = [_share(share, None) for share in shares]
            return [_missing(rows, urges), _shares(unnamed), _openings(log)]


def _opened(
    patient: Patient, rows: list[JournalEntry], urges: list[ParkedUrge], shares: list[Share], *, at: datetime
) -> list[Section]:
    """As the journal's role. Raises JournalClosed."""
    texts = [each for each in opened_rows(patient, rows) if not (each.words and each.words.is_blank)]
    keys = keys_to_read(patient.pk) if urges else {}
    lines = {urge.pk: _line(patient, urge, keys) for urge in urges if urge.opens_at <= at}
    names = names_of(patient, shares)
    if rows or lines or shares:
        opened = [*(each.words for each in texts), *lines.values()]
        note_deed(patient, KeyDeed.COPIED, count=sum(each is not None for each in opened), at=at)
    waiting = [_urge(urge, lines) for urge in urges]
    shared = [_share(share, names.get(share.pk, DAMAGED)) for share in shares]
    return [_texts(texts), _waiting(waiting), _shares(shared)]


def _missing(rows: list[JournalEntry], urges: list[ParkedUrge]) -> Section:
    moments = [*(row.written_at for row in rows), *(urge.parked_at for urge in urges)]
    return Section(
        "texts", "Your own words", _MISSING, [{"Written": moment} for moment in moments], order=70, is_missing=True
    )


def _texts(opened: list[Opened]) -> Section:
    rows = [
        {
            "Written": each.written_at,
            "Changed": each.edited_at,
            "Kind": _KINDS[each.kind],
            "Question above it": (each.words.prompt or None) if each.words else None,
            "Text": _text(each),
            "Feelings": (list(each.words.feelings) or None) if each.words else None,
        }
        for each in opened
    ]
    return Section(
        "texts", "Your own words", "What you wrote for yourself. Clinic staff cannot open it.", rows, order=70
    )


def _text(each: Opened) -> str:
    if each.words is None:
        return DAMAGED
    return OnePage.read(each.words.text).plain if each.kind == EntryKind.SUMMARY else each.words.text


def _line(patient: Patient, urge: ParkedUrge, keys: dict[int, bytes]) -> str | None:
    """What was put away; None where it does not open."""
    try:
        return open_sealed(patient, urge.pk, URGE, bytes(urge.sealed), keys)
    except CanNotOpen:
        return None


def _urge(urge: ParkedUrge, lines: dict[UUID, str | None]) -> dict[str, Any]:
    """`lines`: of those that have come back, and of no others."""
    return {
        "Put away": urge.parked_at,
        "Comes back": urge.opens_at,
        "Words": (lines[urge.pk] or DAMAGED) if urge.pk in lines else None,
        "Then": _ANSWERS[UrgeAnswer(urge.answer)] if urge.answer else None,
        "Answered": urge.answered_at,
    }


def _waiting(rows: list[dict[str, Any]]) -> Section:
    about = "What you put away for a day. The words stand here once the day is over."
    return Section("not_today", "Not today", about, rows, order=72)


def _share(share: Share, name: str | None) -> dict[str, Any]:
    return {
        "Made": share.made_at,
        "For": name,
        "Opens until": share.ends_at,
        "Ended": share.ended_at,
        "Wrong codes": share.misses,
    }


def _shares(rows: list[dict[str, Any]]) -> Section:
    return Section("shares", "What you shared", "Each copy that you made for somebody.", rows, order=74)


def _openings(log: list[KeyEvent]) -> Section:
    rows = [
        {
            "When": event.at,
            "What": deed_words(KeyDeed(event.deed), count=event.count),
            "Who": WHO[KeyActor(event.actor)],
        }
        for event in log
    ]
    return Section("openings", "Who opened your words", "Each time that your key was used.", rows, order=76)
