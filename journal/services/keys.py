"""The ring from the environment, whether it is the right one, and each patient's key."""

from __future__ import annotations

import logging
from datetime import datetime
from functools import cache
from uuid import UUID

from django.conf import settings
from django.db import transaction

from accounts.models import Patient
from journal.crypto import CanNotOpen, KeyPlace, KeyRing, KeyRingError, new_key, unwrap, wrap
from journal.models import Canary, JournalKey
from journal.services.deeds import note_deed
from journal.states import KeyDeed

log = logging.getLogger(__name__)
_CANARY = b"a canary of the key ring, known."
_CANARY_PLACE = KeyPlace(clinic="", patient="", version=0)
CLOSED = "Your journal is closed for now. Nothing that you wrote before is lost."
# The ring's keys that have opened their canary in this process, by what the ring holds.
_trusted: set[tuple[str, bytes]] = set()


class JournalClosed(Exception):
    """The journal can't be written or read now: no key, or a wrong one. Everything else goes on."""


def ring() -> KeyRing:
    """The keys that JOURNAL_KEYS names. Raises JournalClosed when there are none, or when they can't be read."""
    if not settings.JOURNAL_KEYS:
        raise JournalClosed(CLOSED)
    try:
        return _read(settings.JOURNAL_KEYS)
    except KeyRingError:
        raise JournalClosed(CLOSED) from None


@cache
def _read(text: str) -> KeyRing:
    return KeyRing.read(text)


def trusted_ring() -> KeyRing:
    """The ring, once it has opened every canary that is kept: under a stray key, of whatever name, nothing is ever written.

    A new current key gets its canary only then; the old one stays on the ring beside it. As the journal's role.
    Raises JournalClosed.
    """
    found = ring()
    if (found.current, found.keys[found.current]) in _trusted:
        return found
    kept = dict(Canary.objects.values_list("ring_key", "wrapped"))
    if not all(opens_canary(found, name, bytes(wrapped)) for name, wrapped in kept.items()):
        raise JournalClosed(CLOSED)
    if found.current not in kept:
        name, wrapped = wrap(_CANARY, ring=found, place=_CANARY_PLACE)
        Canary.objects.bulk_create([Canary(ring_key=name, wrapped=wrapped)], ignore_conflicts=True)
        if not opens_canary(found, name, bytes(Canary.objects.get(ring_key=name).wrapped)):
            raise JournalClosed(CLOSED)
    # Not before the canary is there for good: a process that trusts its ring never looks for it again.
    transaction.on_commit(lambda: _trusted.add((found.current, found.keys[found.current])))
    return found


def opens_canary(keys: KeyRing, name: str, wrapped: bytes) -> bool:
    try:
        return unwrap(wrapped, ring=keys, ring_key=name, place=_CANARY_PLACE) == _CANARY
    except CanNotOpen:
        return False


def key_to_write(patient: Patient, *, at: datetime) -> tuple[bytes, int]:
    """The patient's newest key and its version, made at the first writing and held until the transaction ends.

    As the journal's role. Raises JournalClosed.
    """
    keys, found = trusted_ring(), newest_key(patient.pk)
    if found is None:
        place = KeyPlace(str(patient.clinic_id), str(patient.pk), version=1)
        ring_key, wrapped = wrap(new_key(), ring=keys, place=place)
        made = JournalKey(
            clinic_id=patient.clinic_id, patient=patient, version=1, ring_key=ring_key, wrapped=wrapped, created_at=at
        )
        # Of two first writings at once one makes the key, and both use it.
        JournalKey.objects.bulk_create([made], ignore_conflicts=True)
        found = newest_key(patient.pk)
        assert found is not None
        if found.pk == made.pk:
            note_deed(patient, KeyDeed.MADE, at=at)
    try:
        return unwrapped(found, keys), found.version
    except CanNotOpen:
        raise JournalClosed(CLOSED) from None


def keys_to_read(patient_id: UUID) -> dict[int, bytes]:
    """A patient's keys by version, without those that don't unwrap. One query. As the journal's role. Raises JournalClosed."""
    keys, found = ring(), {}
    for row in JournalKey.objects.filter(patient=patient_id):
        try:
            found[row.version] = unwrapped(row, keys)
        except CanNotOpen:
            log.error("A key of the journal does not open", extra={"journal_key": row.pk})
    return found


def newest_key(patient_id: UUID) -> JournalKey | None:
    """The key that seals now, held until the transaction ends; None before the first writing. As the journal's role.

    Whoever changes several rows of a patient's begins here, as sealing everything anew does: so two never wait for each
    other, each with rows in hand that the other wants.
    """
    newest = JournalKey.objects.select_for_update().filter(patient=patient_id).order_by("-version")
    found = newest.first()
    # Who waited here while everything was sealed anew gets the key that was the newest before.
    return newest.first() if found and found.retired_at else found


def unwrapped(row: JournalKey, keys: KeyRing) -> bytes:
    """The key itself. Raises CanNotOpen."""
    return unwrap(bytes(row.wrapped), ring=keys, ring_key=row.ring_key, place=key_place(row))


def key_place(row: JournalKey) -> KeyPlace:
    """Whose key this row is."""
    return KeyPlace(str(row.clinic_id), str(row.patient_id), row.version)
