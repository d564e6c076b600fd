"""`manage.py journal_keys status|make-key|rewrap|renew|drop-retired|forget`: see docs/journal-keys.md.

It never prints a key that is in use.
"""

from __future__ import annotations

import base64
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError
from django.utils import timezone

from journal.crypto import CanNotOpen, new_key
from journal.services import JournalClosed
from journal.services.keys import ring
from journal.services.renewing import (
    BACKUPS,
    NoSuchKey,
    clinic_with_key_of,
    drop_retired,
    patients_with_keys,
    renew_key,
)
from journal.services.rewrapping import rewrap_all
from journal.services.standing import KeyInUse, Standing, forget_ring_key, key_standing

NO_RING = "JOURNAL_KEYS is not set, can't be read, or is not the ring that this database was written with."


class Command(BaseCommand):
    """Looks after what patients' private words are sealed with."""

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True, metavar="ACT")
        acts.add_parser("status", help="what each key of the ring wraps; 1 when something does not open")
        make = acts.add_parser("make-key", help="prints a new entry for the ring, once")
        make.add_argument("--name", default="", help="k and the month by default")
        acts.add_parser("rewrap", help="wraps every key anew under the current key of the ring; 1 when one is left")
        renew = acts.add_parser("renew", help="a new version of a patient's own key")
        whose = renew.add_mutually_exclusive_group(required=True)
        whose.add_argument("--patient", type=UUID)
        whose.add_argument("--all-older-than", type=int, metavar="DAYS")
        renew.add_argument("--reseal", action="store_true", help="also seal everything of theirs anew with it")
        drop = acts.add_parser("drop-retired", help="takes away patients' keys that nothing is sealed with any more")
        drop.add_argument("--days", type=int, default=BACKUPS.days, help=f"retired for so long ({BACKUPS.days})")
        forget = acts.add_parser(
            "forget", help="lets go of a key of the ring that wraps nothing. Needs the owner's login"
        )
        forget.add_argument("name")

    def handle(self, *args: Any, **options: Any) -> None:
        act = getattr(self, "_" + options["act"].replace("-", "_"))
        try:
            act(options, timezone.now())
        except JournalClosed:
            raise CommandError(NO_RING) from None
        except (KeyInUse, NoSuchKey) as error:
            raise CommandError(str(error)) from None

    def _status(self, options: dict[str, Any], at: datetime) -> None:
        found = key_standing()
        for name in found.names:
            self.stdout.write(_line(found, name))
        self.stdout.write(f"{found.retired} retired keys of patients wait for drop-retired")
        for row_id in found.broken:
            self.stdout.write(f"does not open: {row_id}")
        if found.keyless:
            self.stdout.write(f"{found.keyless} records name a key that is not there")
        if not found.is_sound:
            raise CommandError("Something does not open.")

    def _make_key(self, options: dict[str, Any], at: datetime) -> None:
        name = options["name"] or f"k{at:%Y-%m}"
        with suppress(JournalClosed):
            if name in ring().keys:
                raise CommandError(f"{name} is on the ring already: choose another --name.")
        if not name.isascii() or not name.isprintable() or set(name) & set(" :,") or len(name) > 32:
            raise CommandError("A name has up to 32 letters and digits, without space, comma and colon.")
        self.stdout.write(f"{name}:{base64.b64encode(new_key()).decode()}")

    def _rewrap(self, options: dict[str, Any], at: datetime) -> None:
        done = rewrap_all(at=at)
        self.stdout.write(f"{done.keys} keys were wrapped anew, {done.left} are left under another key")
        if done.left:
            raise CommandError("Not every key is under the current one: see status.")

    def _renew(self, options: dict[str, Any], at: datetime) -> None:
        if patient_id := options["patient"]:
            whose = [(clinic_with_key_of(patient_id), patient_id)]
        else:
            whose = list(patients_with_keys(older_than=timedelta(days=options["all_older_than"]), at=at))
        resealed = broken = renewed = busy = 0
        for clinic_id, patient_id in whose:
            try:
                done = renew_key(clinic_id, patient_id, reseals=options["reseal"], at=at)
            except CanNotOpen:
                self.stdout.write(f"does not open: the key of {patient_id}")
                broken += 1
                continue
            except OperationalError:
                # Somebody holds a row of theirs for too long. Nothing of this patient is changed; the next one has their turn.
                self.stdout.write(f"in use: the key of {patient_id}")
                busy += 1
                continue
            renewed, resealed, broken = renewed + 1, resealed + done.resealed, broken + done.broken
        self.stdout.write(f"{renewed} keys were renewed, {resealed} records were sealed anew")
        if broken or busy:
            raise CommandError(f"{broken} did not open and stay as they are; {busy} were in use: try again.")

    def _drop_retired(self, options: dict[str, Any], at: datetime) -> None:
        count = drop_retired(retired_before=at - timedelta(days=options["days"]))
        self.stdout.write(f"{count} retired keys are gone")

    def _forget(self, options: dict[str, Any], at: datetime) -> None:
        forget_ring_key(options["name"])
        self.stdout.write(f"{options['name']} is forgotten: take it off the ring")


def _line(found: Standing, name: str) -> str:
    place = "current" if name == found.current else "on the ring" if name in found.on_ring else "NOT ON THE RING"
    canary = {True: "opens", False: "DOES NOT OPEN", None: "not there yet"}[found.canaries.get(name)]
    return (
        f"{name}: {place}; wraps {found.keys[name]} keys of patients, {found.shares[name]} of shares; canary {canary}"
    )
