"""Making a copy of one text for somebody else. It opens by a link and a code that the patient reads out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.urls import reverse

from accounts.models import Patient, Token
from accounts.services import LinkExpired
from accounts.states import TokenKind
from accounts.tokens import hash_code, hash_secret, make_code, make_secret, show_code
from aftercare.tenancy import as_journal
from journal.crypto import NO_VERSION, CanNotOpen, SharePlace, new_key, open_record, seal, unwrap, wrap
from journal.models import KeyEvent, Share
from journal.one_page import OnePage, Part, date_words
from journal.services.deeds import note_deed
from journal.services.endings import revoke_links
from journal.services.entries import open_sealed, read_entry, record_place
from journal.services.keys import key_to_write, keys_to_read, ring, trusted_ring
from journal.sharing import ONE_TAP
from journal.states import SHARED, EntryKind, KeyDeed
from journal.words import DAMAGED, Opened

ABOUT = "about"


class TextChanged(Exception):
    """The text is not as it was when the page that shares it was opened."""


@dataclass(frozen=True, slots=True)
class MadeShare:
    """What is shown once: the whole address, and the code in groups of four."""

    share: Share
    link: str
    code: str


def make_share(
    patient: Patient,
    entry_id: UUID,
    *,
    whom: str,
    days: int,
    seen: int,
    key: UUID,
    at: datetime,
) -> MadeShare:
    """A copy of the text as it is now, for `days`, under a key of its own. Inside tenant().

    `seen` is the revision that the patient looked at, and `key` the page's: a second tap makes the link and the code of the
    same copy anew. Raises JournalEntry.DoesNotExist, TextChanged, LinkExpired (this page has shared already), CanNotOpen and
    JournalClosed.
    """
    share_id, code = uuid5(patient.pk, str(key)), make_code()
    with transaction.atomic():
        with as_journal():
            own_key, version = key_to_write(patient, at=at)
            share = Share.objects.filter(pk=share_id).first()
            if share is None:
                opened = _as_seen(patient, entry_id, seen)
                share = Share(
                    pk=share_id, patient=patient, entry=entry_id, made_at=at, ends_at=at + timedelta(days=days)
                )
                share.clinic_id = patient.clinic_id
                place = record_place(patient, share_id, ABOUT)
                share.about = seal(whom, key=own_key, version=version, place=place)
                _seal(share, page_of(opened, patient.zone))
                share.save(force_insert=True)
                note_deed(patient, KeyDeed.SHARED, entry=entry_id, share=share_id, at=at)
            elif not _was_one_tap(share, at):
                raise LinkExpired("This page has shared already.")
            share.code_hash = make_password(peppered(code))
            share.save(update_fields=["code_hash"])
        return MadeShare(share, _link(share), show_code(code))


def page_of(opened: Opened, zone: str) -> OnePage:
    """What somebody else is shown of a text, with times on the clock of `zone`.

    Raises CanNotOpen for one that does not open.
    """
    if opened.words is None:
        raise CanNotOpen(DAMAGED)
    if opened.kind == EntryKind.SUMMARY:
        return OnePage.read(opened.words.text)
    parts = []
    if opened.words.feelings:
        parts.append(Part("themes", "\n".join(opened.words.feelings), heading="How I felt"))
    if opened.words.text:
        parts.append(Part("entry", opened.words.text, heading=opened.words.prompt, entry=str(opened.id)))
    return OnePage(tuple(parts), written=date_words(opened.written_at, ZoneInfo(zone)), zone=zone)


def _as_seen(patient: Patient, entry_id: UUID, seen: int) -> Opened:
    opened = read_entry(patient, entry_id, kinds=SHARED)
    if opened.revision != seen:
        raise TextChanged("You have changed this text. Look once more. Then share it.")
    return opened


def _seal(share: Share, page: OnePage) -> None:
    """A new key, wrapped by the ring, and the copy under it."""
    key, place = new_key(), share_place(share)
    share.ring_key, share.wrapped = wrap(key, ring=trusted_ring(), place=place)
    share.sealed = seal(page.dump(), key=key, version=NO_VERSION, place=place)


def _was_one_tap(share: Share, at: datetime) -> bool:
    was_opened = KeyEvent.objects.filter(share=share.pk, deed=KeyDeed.SHARE_OPENED).exists()
    return share.ended_at is None and not was_opened and at - share.made_at < ONE_TAP


def _link(share: Share) -> str:
    """A new secret for this copy, of which only the hash is kept; the one before opens nothing any more."""
    secret = make_secret()
    revoke_links([share.pk])
    Token.objects.create(
        kind=TokenKind.SHARE,
        hash=hash_secret(secret),
        clinic_id=share.clinic_id,
        subject=share.pk,
        expires_at=share.ends_at,
    )
    return settings.PUBLIC_URL + reverse("journal:open_share", args=[secret])


def share_place(share: Share) -> SharePlace:
    """Where this copy and its key belong."""
    return SharePlace(str(share.clinic_id), str(share.patient_id), str(share.pk), str(share.entry))


def open_copy(share: Share) -> OnePage:
    """The page of a copy that has not ended. As the journal's role. Raises CanNotOpen and JournalClosed."""
    if share.wrapped is None or share.sealed is None:
        raise CanNotOpen("This copy has ended.")
    place = share_place(share)
    key = unwrap(bytes(share.wrapped), ring=ring(), ring_key=share.ring_key, place=place)
    return OnePage.read(open_record(bytes(share.sealed), key=key, place=place))


def names_of(patient: Patient, shares: Sequence[Share]) -> dict[UUID, str]:
    """For whom each copy is, as the patient wrote it; without those that don't open. As the journal's role. One query."""
    found: dict[UUID, str] = {}
    keys = keys_to_read(patient.pk) if shares else {}
    for share in shares:
        try:
            found[share.pk] = open_sealed(patient, share.pk, ABOUT, bytes(share.about), keys)
        except CanNotOpen:
            continue
    return found


def open_names(patient: Patient, shares: Sequence[Share], *, at: datetime) -> dict[UUID, str]:
    """names_of() for the patient to look at: on record once. Raises JournalClosed."""
    with as_journal():
        names = names_of(patient, shares)
        if names:
            note_deed(patient, KeyDeed.LISTED, count=len(names), at=at)
        return names


def peppered(code: str) -> str:
    return hash_code(code, pepper=settings.PIN_PEPPER)
