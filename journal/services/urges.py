"""The "Not today" box: a line is sealed for a day, handed back, and kept or let go. See journal/waiting.py."""

from __future__ import annotations

import logging
from datetime import datetime
from uuid import UUID

from accounts.models import Patient
from aftercare.tenancy import as_journal
from journal.crypto import CanNotOpen, seal
from journal.models import ParkedUrge
from journal.services.deeds import note_deed
from journal.services.entries import open_sealed, record_place
from journal.services.keys import key_to_write, keys_to_read, newest_key
from journal.states import KeyDeed, UrgeAnswer

log = logging.getLogger(__name__)
URGE = "urge"


class UrgeWaits(Exception):
    """Its time has not come: nothing of it is opened, whoever asks."""


def park_urge(patient: Patient, *, urge_id: UUID, line: str, opens_at: datetime, at: datetime) -> ParkedUrge:
    """Seals one line until `opens_at`. Of a second tap the first one stands. Raises JournalClosed."""
    with as_journal():
        key, version = key_to_write(patient, at=at)
        sealed = seal(line, key=key, version=version, place=record_place(patient, urge_id, URGE))
        made = ParkedUrge(
            id=urge_id, clinic_id=patient.clinic_id, patient=patient, sealed=sealed, parked_at=at, opens_at=opens_at
        )
        ParkedUrge.objects.bulk_create([made], ignore_conflicts=True)
        return ParkedUrge.objects.get(patient=patient, pk=urge_id)


def open_urge(patient: Patient, urge_id: UUID, *, at: datetime) -> str | None:
    """The line, once its time has come; None for one that does not open, and is kept. Each opening is logged.

    Raises UrgeWaits; ParkedUrge.DoesNotExist, also for somebody else's; JournalClosed.
    """
    with as_journal():
        row = ParkedUrge.objects.get(patient=patient, pk=urge_id)
        if at < row.opens_at:
            raise UrgeWaits
        try:
            line = open_sealed(patient, row.pk, URGE, bytes(row.sealed), keys_to_read(patient.pk))
        except CanNotOpen:
            line = None
            log.error("A record of the journal does not open", extra={"entry": row.pk})
        note_deed(patient, KeyDeed.REFUSED if line is None else KeyDeed.OPENED, entry=row.pk, at=at)
        return line


def answer_urge(patient: Patient, urge_id: UUID, answer: UrgeAnswer, *, at: datetime) -> None:
    """ "Still want this?": it stays, kept or to be asked about. Before its time nothing is answered.

    To let it go is let_urge_go(): then nothing stays.
    """
    with as_journal():
        ParkedUrge.objects.filter(patient=patient, pk=urge_id, opens_at__lte=at).update(answer=answer, answered_at=at)


def let_urge_go(patient: Patient, urge_id: UUID, *, at: datetime) -> None:
    """Takes the line away for good, read or unread. What is left is when. A second tap finds nothing left to take."""
    with as_journal():
        newest_key(patient.pk)  # before any other row: see there
        if ParkedUrge.objects.filter(patient=patient, pk=urge_id)._raw_delete("default"):
            note_deed(patient, KeyDeed.REMOVED, entry=urge_id, at=at)
