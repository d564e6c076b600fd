"""What backups open after somebody deleted what they wrote, and after a key of the ring was destroyed."""

from __future__ import annotations

import logging
from dataclasses import asdict, dataclass
from datetime import datetime
from io import StringIO
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.utils import timezone

from accounts.models import Patient
from aftercare.tenancy import tenant
from journal.services import destroy_journal, keys
from tests.journal.backups import (
    DATA,
    KEY_BOOK,
    WHOLE,
    Backups,
    Written,
    copies_opened,
    fill,
    opened,
    reading,
    rows_kept,
)
from tests.world import make_world


@dataclass(frozen=True)
class Shredded:
    """Counts of texts that open. `*_control`: what the same backup would open with what was thrown away."""

    patients: int
    texts: int
    sealed_in_yesterdays_data: int
    deleted: int
    deleted_control: int
    deleted_copies: int
    others: int
    others_wanted: int
    others_copies: int
    stray_copy: int
    stray_copy_control: int

    @property
    def holds(self) -> bool:
        """Nothing of the deleted, everything of the others, and each control bites."""
        return (
            self.deleted == self.deleted_copies == self.stray_copy == 0
            and self.others_copies == self.patients - 1
            and self.others == self.others_wanted
            and self.sealed_in_yesterdays_data == self.deleted_control == self.texts
            and self.stray_copy_control == self.patients * self.texts
        )

    @property
    def line(self) -> dict[str, Any]:
        return {**asdict(self), "holds": self.holds}


def prove_shredding(folder: Path, *, patients: int, texts: int, old: str, new: str) -> dict[str, Any]:
    """In a world of its own."""
    # Each text that rightly does not open would be a line.
    logging.disable(logging.ERROR)
    at = timezone.now()
    written = fill(make_world(), patients=patients, texts=texts, at=at)
    return shred(written, folder, old=old, new=new, at=at).line


def shred(written: Written, folder: Path, *, old: str, new: str, at: datetime) -> Shredded:
    """Yesterday: backups. Today: one patient deletes everything, and the ring is rotated from `old` to `new`."""
    backups = Backups(folder)
    try:
        return _shred(backups, written, old=old, new=new, at=at)
    finally:
        backups.tidy_up()


def _shred(backups: Backups, written: Written, *, old: str, new: str, at: datetime) -> Shredded:
    data, old_book, stray = (backups.take(*each) for each in (("data", DATA), ("book", KEY_BOOK), ("stray", WHOLE)))
    gone, *others = written.patients
    _delete(written, at)
    _rotate(f"{new},{old}")
    book = backups.take("todays-book", KEY_BOOK)
    with reading(backups.restore(data, book=book), ring=new):
        found, copies, kept = opened(written, at), copies_opened(written), rows_kept(written, gone)
    with reading(backups.restore(data, book=old_book), ring=f"{new},{old}"):
        control = opened(written, at)[gone]
    stray_database = backups.restore(stray)
    with reading(stray_database, ring=new):
        stray_found = opened(written, at).total() + copies_opened(written).total()
    with reading(stray_database, ring=old):
        stray_control = opened(written, at).total()
    return Shredded(
        patients=len(written.patients),
        texts=written.texts,
        sealed_in_yesterdays_data=kept,
        deleted=found[gone],
        deleted_control=control,
        deleted_copies=copies[gone],
        others=sum(found[each] for each in others),
        others_wanted=len(others) * written.texts,
        others_copies=sum(copies[each] for each in others),
        stray_copy=stray_found,
        stray_copy_control=stray_control,
    )


def _delete(written: Written, at: datetime) -> None:
    with tenant(written.world.clinic.pk):
        destroy_journal(Patient.objects.get(pk=written.patients[0]), at=at)


def _rotate(ring: str) -> None:
    """As the person does who runs it: the new key first, everything wrapped anew."""
    settings.JOURNAL_KEYS = ring
    keys._trusted.clear()
    call_command("journal_keys", "rewrap", stdout=StringIO())
