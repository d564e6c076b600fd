"""Downtime packs: made at opening time and on demand, kept two days, and brought where the clinic can reach them."""

from __future__ import annotations

import logging
import os
import tempfile
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection, transaction

from accounts.models import Clinic, StaffMember
from accounts.services import record
from clinic.models import DowntimePack
from clinic.papers.pack import draw_pack
from clinic.queries.downtime import newest_packs, pack_contents, pack_name

log = logging.getLogger(__name__)

KEEPS_PACKS = timedelta(days=2)


def make_pack_on_demand(clinic: Clinic, *, by: StaffMember, seen: str, at: datetime) -> DowntimePack | None:
    """The day as it is now; inside tenant(). `seen` is the id of the newest pack that the page showed, or "".

    A second tap is the first, however long the first one takes: one that the same person made since is returned. None while
    somebody makes one at this moment.
    """
    with transaction.atomic():
        if not _alone(clinic):
            return None
        newest = newest_packs().defer("pdf").first()
        if newest and newest.made_by == by and str(newest.pk) != seen:
            return newest
        return make_pack(clinic, by=by, at=at)


def make_pack(clinic: Clinic, *, by: StaffMember | None, at: datetime) -> DowntimePack:
    """The day as it is now, on paper; inside tenant(). `by` is None at opening time."""
    with transaction.atomic():
        contents = pack_contents(clinic, at)
        pdf = draw_pack(contents, made_at=at)
        pack: DowntimePack = DowntimePack.objects.create(clinic_id=clinic.pk, made_at=at, made_by=by, pdf=pdf)
        facts = {"patients": len(contents.patients), "alerts": len(contents.alerts)}
        record("downtime_pack_made", on=pack, at=at, by=by, facts=facts)
        transaction.on_commit(partial(_bring, pdf, clinic.pk, pack_name(clinic, at)))
        return pack


def make_pack_at_opening(clinic: Clinic, *, at: datetime) -> DowntimePack | None:
    """Once for each opening, however many workers ask; None where it is closed, or there is one. Inside tenant()."""
    opened_at = clinic.hours.opened_at(at, ZoneInfo(clinic.zone))
    if opened_at is None:
        return None
    with transaction.atomic():
        if not _alone(clinic) or DowntimePack.objects.filter(made_by=None, made_at__gte=opened_at).exists():
            return None
        return make_pack(clinic, by=None, at=at)


def forget_packs(clinic: Clinic, *, at: datetime) -> int:
    """Deletes packs that are older than two days, and their files. Returns how many rows went. Inside tenant().

    A file is one of a whole day, by its name: it goes as the second day after begins, so that none is ever older. One that
    can't be deleted keeps no other.
    """
    count, _ = DowntimePack.objects.filter(made_at__lt=at - KEEPS_PACKS).delete()
    if settings.DOWNTIME_DIR:
        last = pack_name(clinic, at - KEEPS_PACKS)
        for path in _folder(clinic.pk).glob("????-??-??.pdf"):
            if path.name <= last:
                try:
                    path.unlink(missing_ok=True)
                except OSError:
                    log.exception("An old downtime pack's file could not be deleted", extra={"clinic": clinic.pk})
    return count


def note_opened(pack: DowntimePack, *, by: StaffMember, at: datetime) -> None:
    """Who looked at it stays on record."""
    record("downtime_pack_opened", on=pack, at=at, by=by)


def _alone(clinic: Clinic) -> bool:
    """Whether no other worker makes this clinic's pack at this moment: held until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtext(%s))", [f"downtime:{clinic.pk}"])
        (is_alone,) = cursor.fetchone()
    return bool(is_alone)


def _folder(clinic_id: UUID) -> Path:
    return Path(settings.DOWNTIME_DIR) / str(clinic_id)


def _bring(pdf: bytes, clinic_id: UUID, name: str) -> None:
    """Written whole under another name first, so that nothing ever copies half a file. A full disk stops no pack."""
    if not settings.DOWNTIME_DIR:
        return
    folder = _folder(clinic_id)
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, half = tempfile.mkstemp(dir=folder, prefix=".", suffix=".half")
        with os.fdopen(handle, "wb") as file:
            file.write(pdf)
            file.flush()
            os.fsync(file.fileno())
        Path(half).replace(folder / name)
    except OSError:
        log.exception("A downtime pack could not be written to its folder", extra={"clinic": clinic_id})
