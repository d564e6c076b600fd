"""A new version of a patient's own key, and sealing everything of theirs anew with it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import BinaryField, Max
from django.db.models.functions import Substr

from accounts.models import Clinic
from aftercare.tenancy import as_journal, tenant
from journal.crypto import HEAD_BYTES, CanNotOpen, KeyPlace, RecordPlace, new_key, open_record, seal, version_of, wrap
from journal.models import JournalEntry, JournalKey, ParkedUrge, Share
from journal.services.deeds import note_deed
from journal.services.entries import ABOUT, TEXT
from journal.services.keys import keys_to_read, newest_key, trusted_ring, unwrapped
from journal.services.urges import URGE
from journal.states import KeyActor, KeyDeed

log = logging.getLogger(__name__)
# For so long copies of the database are kept that may hold records of an older version.
BACKUPS = timedelta(days=35)
# Every column that is sealed under a patient's own key, and the field that its records are bound to.
SEALED: dict[type[Any], dict[str, str]] = {
    JournalEntry: {"sealed": TEXT, "about": ABOUT},
    ParkedUrge: {"sealed": URGE},
    Share: {"about": ABOUT},
}


class NoSuchKey(Exception):
    """This patient has no key: nothing was ever written, or all of it was destroyed."""


@dataclass(frozen=True, slots=True)
class Renewed:
    """The new version, how many records were sealed anew with it, and how many did not open and were left as they are."""

    version: int
    resealed: int = 0
    broken: int = 0


def patients_with_keys(*, older_than: timedelta, at: datetime) -> Iterator[tuple[UUID, UUID]]:
    """(clinic, patient) of whom the newest key is older than this."""
    for clinic_id in Clinic.objects.order_by("pk").values_list("pk", flat=True):
        with tenant(clinic_id), as_journal():
            newest = JournalKey.objects.values("patient_id").annotate(made_at=Max("created_at"))
            found = list(newest.filter(made_at__lt=at - older_than).values_list("patient_id", flat=True))
        yield from ((clinic_id, patient_id) for patient_id in found)


def clinic_with_key_of(patient_id: UUID) -> UUID:
    """The clinic of a patient who has a key. Raises NoSuchKey."""
    for clinic_id in Clinic.objects.order_by("pk").values_list("pk", flat=True):
        with tenant(clinic_id), as_journal():
            if JournalKey.objects.filter(patient=patient_id).exists():
                return clinic_id
    raise NoSuchKey("This patient has no key.")


def renew_key(clinic_id: UUID, patient_id: UUID, *, reseals: bool = False, at: datetime) -> Renewed:
    """One transaction. Older versions stay for reading; those with nothing sealed under them any more are retired.

    Raises NoSuchKey, JournalClosed, and CanNotOpen when the patient's newest key does not open.
    """
    with tenant(clinic_id), as_journal():
        before = newest_key(patient_id)
        if before is None:
            raise NoSuchKey("This patient has no key.")
        key, row = _next_key(before, at=at)
        note_deed(row, KeyDeed.RENEWED, actor=KeyActor.SERVICE, at=at)
        return _seal_anew(row, key, at=at) if reseals else Renewed(row.version)


def _next_key(before: JournalKey, *, at: datetime) -> tuple[bytes, JournalKey]:
    keys, key = trusted_ring(), new_key()
    # A ring that can't open the key before can't be trusted with the next.
    unwrapped(before, keys)
    place = KeyPlace(str(before.clinic_id), str(before.patient_id), before.version + 1)
    ring_key, wrapped = wrap(key, ring=keys, place=place)
    return key, JournalKey.objects.create(
        clinic_id=before.clinic_id,
        patient_id=before.patient_id,
        version=place.version,
        ring_key=ring_key,
        wrapped=wrapped,
        created_at=at,
    )


def _seal_anew(newest: JournalKey, key: bytes, *, at: datetime) -> Renewed:
    again, resealed, broken = _Again(keys_to_read(newest.patient_id), key, newest.version), 0, 0
    for row, columns in _records(newest.patient_id):
        try:
            sealed = {column: again.sealed(row, column, field) for column, field in columns.items()}
        except CanNotOpen:
            log.error("A record of the journal does not open", extra={"entry": row.pk})
            broken += 1
            continue
        resealed += len(sealed)
        # Only what is there still: what was taken away meanwhile does not come back.
        type(row).objects.filter(pk=row.pk).update(**sealed)
    used = set(versions_in_use(newest.patient_id))
    older = JournalKey.objects.filter(patient=newest.patient_id, version__lt=newest.version, retired_at=None)
    older.exclude(version__in=used).update(retired_at=at)
    return Renewed(newest.version, resealed, broken)


@dataclass(frozen=True, slots=True)
class _Again:
    """What a patient's records are opened with, by version, and what seals them from now on."""

    keys: dict[int, bytes]
    key: bytes
    version: int

    def sealed(self, row: Any, column: str, field: str) -> bytes:
        """This record under the new key. Raises CanNotOpen."""
        record = bytes(getattr(row, column))
        before = self.keys.get(version_of(record))
        if before is None:
            raise CanNotOpen("The key of this record is gone.")
        place = RecordPlace(str(row.clinic_id), str(row.patient_id), str(row.pk), field)
        return seal(open_record(record, key=before, place=place), key=self.key, version=self.version, place=place)


def _records(patient_id: UUID) -> Iterator[tuple[Any, dict[str, str]]]:
    """Each row of the patient's, held, with those of its columns that hold a record."""
    for model, columns in SEALED.items():
        for row in model.objects.select_for_update().filter(patient=patient_id).order_by("pk"):
            yield row, {column: field for column, field in columns.items() if getattr(row, column) is not None}


def versions_in_use(patient_id: UUID) -> Iterator[int]:
    """Of each record of the patient's that is one at all. As the journal's role."""
    for model, columns in SEALED.items():
        for column in columns:
            heads = model.objects.filter(patient=patient_id, **{f"{column}__isnull": False}).annotate(head=head(column))
            yield from (int.from_bytes(bytes(found)[1:]) for found in heads.values_list("head", flat=True).distinct())


def head(column: str) -> Substr:
    """Format and version of the records in this column, as the database cuts them off."""
    return Substr(column, 1, HEAD_BYTES, output_field=BinaryField())


def drop_retired(*, retired_before: datetime) -> int:
    """Takes away the keys that were retired by then and seal nothing, in every clinic. Returns how many.

    A backup from before their retirement opens nothing without them: BACKUPS is how long one is kept.
    """
    count = 0
    for clinic_id in Clinic.objects.order_by("pk").values_list("pk", flat=True):
        with tenant(clinic_id), as_journal():
            for row in JournalKey.objects.select_for_update().filter(retired_at__lte=retired_before):
                if row.version not in set(versions_in_use(row.patient_id)):
                    count += JournalKey.objects.filter(pk=row.pk)._raw_delete("default")
    return count
