"""Decides what becomes of each prompt of a batch: all clinics are read at once, and then each has its share."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from django.db import DatabaseError, InterfaceError, connection

from aftercare.tenancy import tenant
from prompts.services.known import Known, read_known
from prompts.services.letters import write_letters
from prompts.services.planning import plan_returned
from prompts.services.rows import Claimed, Ending, Letter
from prompts.services.shares import need_more

log = logging.getLogger(__name__)


def prepare(batch: Sequence[Claimed], *, now: Callable[[], datetime]) -> list[Letter | Ending]:
    """What nearly all of it hangs on is read for every clinic at once; when that fails, each clinic reads its own."""
    try:
        known = read_known(batch) if batch else None
    except DatabaseError:
        log.exception("A batch could not be read at once")
        connection.close()
        known = None
    clinics = _by_clinic(batch).items()
    return [item for clinic_id, prompts in clinics for item in _share(clinic_id, prompts, known, at=now())]


def _by_clinic(batch: Sequence[Claimed]) -> dict[UUID, list[Claimed]]:
    groups: dict[UUID, list[Claimed]] = defaultdict(list)
    for prompt in batch:
        groups[prompt.clinic_id].append(prompt)
    return groups


def _share(clinic_id: UUID, prompts: Sequence[Claimed], known: Known | None, *, at: datetime) -> list[Letter | Ending]:
    """One clinic's share of a batch. What is wrong with one clinic's rows holds up nobody else's messages, and one row's
    fault no other row."""
    try:
        return _written(clinic_id, prompts, known, at=at)
    except (DatabaseError, InterfaceError):
        # The rows' lease ends, and they come again.
        log.exception("A clinic's messages could not be prepared", extra={"clinic": clinic_id})
        return []
    except Exception:
        log.exception("A clinic's messages are prepared one by one", extra={"clinic": clinic_id})
        return [item for prompt in prompts for item in _by_itself(prompt, known, at=at)]


def _by_itself(prompt: Claimed, known: Known | None, *, at: datetime) -> list[Letter | Ending]:
    """None for one that can't be written: it comes again until its window is over."""
    try:
        return _written(prompt.clinic_id, [prompt], known, at=at)
    except Exception:
        log.exception("A message could not be prepared", extra={"prompts": [prompt.id]})
        return []


def _written(
    clinic_id: UUID, prompts: Sequence[Claimed], known: Known | None, *, at: datetime
) -> list[Letter | Ending]:
    if known and not need_more(prompts, known):
        return list(write_letters(clinic_id, prompts, at=at, known=known))
    with tenant(clinic_id):
        return list(write_letters(clinic_id, plan_returned(prompts, at=at), at=at, known=known))
