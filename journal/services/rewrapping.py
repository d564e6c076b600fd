"""Wrapping keys anew under the current key of the ring, a few at a time, while pages go on reading and writing."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from accounts.models import Clinic
from aftercare.tenancy import as_journal, tenant
from journal.crypto import CanNotOpen, KeyRing, unwrap, wrap
from journal.models import JournalKey, KeyEvent, Share
from journal.services.deeds import event
from journal.services.keys import key_place, trusted_ring
from journal.services.shares import share_place
from journal.states import KeyActor, KeyDeed

log = logging.getLogger(__name__)
BATCH = 500
# What somebody else holds is tried again after a moment, for so long in all.
_PAUSE, _PATIENCE = 0.05, 30.0
# Every kind of row that holds a wrapped key, and whose key it is.
HOLDERS: dict[type[Any], Callable[[Any], Any]] = {JournalKey: key_place, Share: share_place}


@dataclass(slots=True)
class Rewrapped:
    """How many keys were wrapped anew, the rows whose key does not open, and how many are left under another key."""

    keys: int = 0
    broken: set[UUID] = field(default_factory=set)
    left: int = 0


def rewrap_all(*, at: datetime) -> Rewrapped:
    """Every key of every clinic, in transactions of 500 rows. Twice, or two at once, does no harm. Raises JournalClosed."""
    done = Rewrapped()
    for clinic_id in Clinic.objects.order_by("pk").values_list("pk", flat=True):
        for model in HOLDERS:
            _rewrap_clinic(clinic_id, model, done, at=at)
    done.left += len(done.broken)
    return done


def _rewrap_clinic(clinic_id: UUID, model: type[Any], done: Rewrapped, *, at: datetime) -> None:
    """Until nothing is left that can be wrapped anew, or somebody holds a row for too long."""
    until = time.monotonic() + _PATIENCE
    while True:
        with tenant(clinic_id), as_journal():
            seen = _rewrap_batch(model, done, at=at)
            left = 0 if seen else waiting(model, trusted_ring()).exclude(pk__in=done.broken).count()
        if seen:
            until = time.monotonic() + _PATIENCE
        elif not left:
            return
        elif time.monotonic() > until:
            done.left += left
            return
        else:
            time.sleep(_PAUSE)


def _rewrap_batch(model: type[Any], done: Rewrapped, *, at: datetime) -> int:
    """One batch of this clinic. Returns how many rows it held."""
    keys = trusted_ring()
    free = waiting(model, keys).exclude(pk__in=done.broken).select_for_update(skip_locked=True)
    rows = list(free.order_by("pk")[:BATCH])
    anew = [row for row in rows if _rewrap(row, HOLDERS[model](row), keys, done)]
    model.objects.bulk_update(anew, ["ring_key", "wrapped"])
    if model is JournalKey:
        KeyEvent.objects.bulk_create(event(row, KeyDeed.REWRAPPED, actor=KeyActor.SERVICE, at=at) for row in anew)
    done.keys += len(anew)
    return len(rows)


def _rewrap(row: Any, place: Any, keys: KeyRing, done: Rewrapped) -> bool:
    try:
        key = unwrap(bytes(row.wrapped), ring=keys, ring_key=row.ring_key, place=place)
    except CanNotOpen:
        log.error("A key of the journal does not open", extra={"journal_key": row.pk})
        done.broken.add(row.pk)
        return False
    row.ring_key, row.wrapped = wrap(key, ring=keys, place=place)
    return True


def waiting(model: type[Any], keys: KeyRing) -> Any:
    """Rows of this clinic whose key is wrapped by another than the current one. As the journal's role."""
    return model.objects.filter(wrapped__isnull=False).exclude(ring_key=keys.current)
