"""How the keys stand, for those who run it: what wraps what, and what opens nothing. No text is opened for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import connections

from accounts.models import Clinic
from aftercare.tenancy import as_journal, tenant
from journal.crypto import HEAD_BYTES, CanNotOpen, KeyRing, unwrap
from journal.models import Canary, JournalKey, Share
from journal.services.keys import opens_canary, ring
from journal.services.renewing import SEALED, head
from journal.services.rewrapping import HOLDERS


class KeyInUse(Exception):
    """The current key, or one that still wraps something, can't be forgotten."""


@dataclass(slots=True)
class Standing:
    """Of all clinics: by key of the ring how many keys of patients and of shares it wraps, and whether its canary opens.

    `broken`: rows whose key does not open. `retired`: patients' keys that only old backups need. `keyless`: records that
    name a key which is not there, as after a restore of what was destroyed since.
    """

    current: str
    on_ring: tuple[str, ...]
    keys: Counter[str] = field(default_factory=Counter)
    shares: Counter[str] = field(default_factory=Counter)
    canaries: dict[str, bool] = field(default_factory=dict)
    broken: list[UUID] = field(default_factory=list)
    retired: int = 0
    keyless: int = 0

    @property
    def names(self) -> list[str]:
        """Every key that is on the ring or in use, the current one first."""
        others = {*self.on_ring, *self.keys, *self.shares, *self.canaries} - {self.current}
        return [self.current, *sorted(others)]

    @property
    def is_sound(self) -> bool:
        return not self.broken and not self.keyless and all(self.canaries.values())


def key_standing() -> Standing:
    """Raises JournalClosed without a ring."""
    keys = ring()
    found = Standing(keys.current, tuple(keys.keys))
    for clinic_id in Clinic.objects.order_by("pk").values_list("pk", flat=True):
        with tenant(clinic_id), as_journal():
            kept = Canary.objects.values_list("ring_key", "wrapped")
            found.canaries = {name: opens_canary(keys, name, bytes(wrapped)) for name, wrapped in kept}
            for model, counts in ((JournalKey, found.keys), (Share, found.shares)):
                _count(model, counts, found, keys)
            found.retired += JournalKey.objects.filter(retired_at__isnull=False).count()
            found.keyless += sum(_keyless())
    return found


def forget_ring_key(name: str) -> None:
    """Takes away the canary of a key that wraps nothing, so that the ring may go on without it. As the owner.

    Raises KeyInUse, JournalClosed.
    """
    found = key_standing()
    if name == found.current:
        raise KeyInUse(f"{name} is the current key.")
    if count := found.keys[name] + found.shares[name]:
        raise KeyInUse(f"{name} still wraps {count} keys: rewrap first.")
    with connections["owner"].cursor() as cursor:
        cursor.execute("DELETE FROM journal_canary WHERE ring_key = %s", [name])


def _count(model: type[Any], counts: Counter[str], found: Standing, keys: KeyRing) -> None:
    for row in model.objects.filter(wrapped__isnull=False).iterator():
        counts[row.ring_key] += 1
        if place_of := HOLDERS.get(model):
            try:
                unwrap(bytes(row.wrapped), ring=keys, ring_key=row.ring_key, place=place_of(row))
            except CanNotOpen:
                found.broken.append(row.pk)


def _keyless() -> Iterator[int]:
    """Records of this clinic by column whose patient has no key of the version that they name."""
    there = set(JournalKey.objects.values_list("patient_id", "version"))
    for model, columns in SEALED.items():
        for column in columns:
            records = model.objects.filter(**{f"{column}__isnull": False}).annotate(head=head(column))
            for patient_id, found in records.values_list("patient_id", "head").iterator():
                yield (patient_id, int.from_bytes(bytes(found)[1:HEAD_BYTES])) not in there
