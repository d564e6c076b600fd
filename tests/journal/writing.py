"""Something written, for tests that begin after it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from django.test import Client
from django.utils import timezone

from accounts.models import Patient
from accounts.services import set_pin
from aftercare.tenancy import as_journal
from journal.access import GATE
from journal.gate import Gate
from journal.models import JournalEntry
from journal.revisions import Saving
from journal.services import entry_id_of, keep_words
from journal.states import EntryKind
from journal.words import Words
from tests.world import HOUR_ZERO, World

PIN = "480913"


def wrote(
    patient: Patient,
    text: str,
    *,
    at: datetime,
    kind: EntryKind = EntryKind.ENTRY,
    feelings: tuple[str, ...] = (),
    key: UUID | None = None,
) -> JournalEntry:
    """Inside the clinic's tenant()."""
    key = key or uuid4()
    return keep_words(
        patient,
        entry_id=entry_id_of(patient, key),
        words=Words(text, feelings),
        saving=Saving(writer=key, number=1),
        kind=kind,
        at=at,
    )


def opened_phone(phone: Client, world: World) -> Client:
    """The bound phone, with the PIN given a moment ago. Inside the clinic's tenant()."""
    set_pin(world.patient, PIN)
    session = phone.session
    session[GATE] = Gate.open(timezone.now()).kept
    session.save()
    return phone


def spoil(entry: JournalEntry) -> None:
    """Turns one bit of what is kept of a text. Inside the clinic's tenant()."""
    with as_journal():
        row = JournalEntry.objects.get(pk=entry.pk)
        sealed = bytearray(row.sealed)
        sealed[-1] ^= 1
        JournalEntry.objects.filter(pk=entry.pk).update(sealed=bytes(sealed))


def another_patient(world: World) -> Patient:
    """Somebody else of the same clinic. Inside the clinic's tenant()."""
    return Patient.objects.create(
        clinic=world.clinic,
        first_name="Ines",
        last_name="Vale",
        record_number="A-2",
        born_on=world.patient.born_on,
        zone=world.patient.zone,
        created_at=HOUR_ZERO,
    )
