"""The private half of a patient's copy: every text that opens, what waits, what was shared, and who opened what."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from accounts.copies import Section
from accounts.models import Patient
from aftercare.tenancy import as_journal
from journal.crypto import CanNotOpen
from journal.models import JournalEntry, KeyEvent, ParkedUrge, Share
from journal.one_page import OnePage
from journal.queries.openings import WHO, deed_words
from journal.services.entries import note_deed, open_entries, open_sealed
from journal.services.keys import JournalClosed, keys_to_read
from journal.services.shares import names_of
from journal.services.urges import URGE
from journal.states import EntryKind, KeyActor, KeyDeed, UrgeAnswer
from journal.words import Opened

DAMAGED = "This one can not be opened. We have kept it as it is."
_MISSING = "They can not be opened now, so they are not in this copy. They are kept. Make a new copy later."
_KINDS = {
    EntryKind.ENTRY: "What you wrote",
    EntryKind.INTENTION: "Before a visit",
    EntryKind.NOTE: "With your log",
    EntryKind.THEMES: "Themes",
    EntryKind.SUMMARY: "A page to share",
}
_ANSWERS = {UrgeAnswer.KEPT: "Kept", UrgeAnswer.LET_GO: "Let go", UrgeAnswer.ASKED: "To ask somebody"}


def copy_sections(patient: Patient, *, at: datetime) -> list[Section]:
    """Everything that opens, opened once and put on record once; what is damaged is named. Whoever asks has checked the PIN.

    Without a key that opens it the rest comes all the same, and says so. Eight queries, and one for the line on record.
    """
    with as_journal():
        urges = list(ParkedUrge.objects.filter(patient=patient).order_by("parked_at", "pk"))
        shares = list(Share.objects.filter(patient=patient).order_by("made_at", "pk"))
        log = list(KeyEvent.objects.filter(patient=patient).order_by("at", "pk"))
    try:
        texts = open_entries(patient, kinds=tuple(EntryKind), deed=KeyDeed.COPIED, at=at)
    except JournalClosed:
        return [_missing(patient, urges), _openings(log)]
    with as_journal():
        if urges and not texts:
            note_deed(patient, KeyDeed.COPIED, count=len(urges), at=at)
        keys, names = keys_to_read(patient), names_of(patient, shares)
        waiting = [_urge(patient, urge, keys, at=at) for urge in urges]
        shared = [_share(share, names.get(share.pk, DAMAGED)) for share in shares]
    return [_texts(texts), _waiting(waiting), _shares(shared), _openings(log)]


def _missing(patient: Patient, urges: list[ParkedUrge]) -> Section:
    with as_journal():
        rows = JournalEntry.objects.filter(patient=patient).order_by("written_at")
        moments = [*rows.values_list("written_at", flat=True), *(urge.parked_at for urge in urges)]
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
        for each in reversed(opened)
    ]
    return Section(
        "texts", "Your own words", "What you wrote for yourself. Clinic staff cannot open it.", rows, order=70
    )


def _text(each: Opened) -> str:
    if each.words is None:
        return DAMAGED
    return OnePage.read(each.words.text).plain if each.kind == EntryKind.SUMMARY else each.words.text


def _urge(patient: Patient, urge: ParkedUrge, keys: dict[int, bytes], *, at: datetime) -> dict[str, Any]:
    """Its words once they have come back, and not before."""
    words = None
    if urge.opens_at <= at:
        try:
            words = open_sealed(patient, urge.pk, URGE, bytes(urge.sealed), keys)
        except CanNotOpen:
            words = DAMAGED
    return {
        "Put away": urge.parked_at,
        "Comes back": urge.opens_at,
        "Words": words,
        "Then": _ANSWERS[UrgeAnswer(urge.answer)] if urge.answer else None,
        "Answered": urge.answered_at,
    }


def _waiting(rows: list[dict[str, Any]]) -> Section:
    about = "What you put away for a day. The words stand here once the day is over."
    return Section("not_today", "Not today", about, rows, order=72)


def _share(share: Share, name: str) -> dict[str, Any]:
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
