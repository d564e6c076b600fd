"""Backups and restores as docs/journal-keys.md has them, with the server's own tools, and what they open."""

from __future__ import annotations

import subprocess
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
from django.conf import settings
from django.db import connection, connections
from psycopg import sql

from accounts.models import Patient
from aftercare.embedded import _postgres_bin
from aftercare.tenancy import as_journal, tenant
from journal.crypto import CanNotOpen
from journal.models import JournalEntry, ParkedUrge, Share
from journal.services import JournalClosed, keys, open_entries, open_urge, park_urge
from journal.services.shares import open_copy
from journal.states import EntryKind
from tests.journal.sharing import a_share
from tests.journal.writing import wrote
from tests.world import World

BOOK = ("journal_journalkey", "journal_share")
# Everything but the key book; the key book alone; and everything in one piece, as a stray copy has it.
DATA = ("-Fc", *(f"--exclude-table-data={table}" for table in BOOK))
KEY_BOOK = ("-Fc", "--data-only", *(f"--table={table}" for table in BOOK))
WHOLE = ("-Fc",)
# After both are back: keys of people whom the data does not know.
WITHOUT_PATIENT = """
DELETE FROM {} k WHERE NOT EXISTS (SELECT FROM accounts_patient p WHERE p.clinic_id = k.clinic_id AND p.id = k.patient_id)
"""
BACKUP_ROLE = "aftercare_backup"
SUPERUSER = "postgres"


class Backups:
    """Dumps of the database that Django is signed in to, in a folder, and databases made of them on the same server."""

    def __init__(self, folder: Path) -> None:
        told = connections["owner"].settings_dict
        self._host, self._name = str(told["HOST"]), str(told["NAME"])
        self._folder, self._bin = folder, _postgres_bin()
        self._made: list[str] = []
        with self._ask(self._name) as database:
            found = database.execute("SELECT FROM pg_roles WHERE rolname = %s", [BACKUP_ROLE]).fetchone()
            if found is None:
                database.execute(f"CREATE ROLE {BACKUP_ROLE} LOGIN BYPASSRLS")
                database.execute(f"GRANT pg_read_all_data TO {BACKUP_ROLE}")

    def take(self, name: str, options: Sequence[str]) -> Path:
        """By a role that may read everything and change nothing."""
        dump = self._folder / name
        self._run("pg_dump", "-U", BACKUP_ROLE, "-d", self._name, "-f", str(dump), *options)
        return dump

    def restore(self, dump: Path, *, book: Path | None = None) -> str:
        """A new database of this dump, with the rows of a key book. Returns its name."""
        name = f"restored_{uuid4().hex[:12]}"
        with self._ask(SUPERUSER) as server:
            server.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(*map(sql.Identifier, (name, self._owner))))
        self._made.append(name)
        self._run("pg_restore", "-U", SUPERUSER, "-d", name, "--exit-on-error", str(dump))
        if book:
            self._run(
                *("pg_restore", "-U", SUPERUSER, "-d", name, "--exit-on-error"),
                *("--data-only", "--disable-triggers", str(book)),
            )
            with self._ask(name) as database:
                for table in BOOK:
                    database.execute(sql.SQL(WITHOUT_PATIENT).format(sql.Identifier(table)))
        return name

    def tidy_up(self) -> None:
        with self._ask(SUPERUSER) as server:
            for name in self._made:
                server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    @property
    def _owner(self) -> str:
        return str(connections["owner"].settings_dict["USER"])

    def _ask(self, database: str) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(host=self._host, user=SUPERUSER, dbname=database, autocommit=True)

    def _run(self, program: str, *words: str) -> None:
        command = [str(self._bin / program), "-h", self._host, *words]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")
        assert done.returncode == 0, done.stderr


@contextmanager
def reading(database: str, *, ring: str) -> Iterator[None]:
    """The app as it would start on this database with this ring."""
    before, ring_before = connection.settings_dict["NAME"], settings.JOURNAL_KEYS
    connection.close()
    connection.settings_dict["NAME"], settings.JOURNAL_KEYS = database, ring
    keys._trusted.clear()
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"], settings.JOURNAL_KEYS = before, ring_before
        keys._trusted.clear()


@dataclass(frozen=True)
class Written:
    """Who wrote, and how many texts each, the one that waits a day included. Each has shared one copy besides."""

    world: World
    patients: tuple[UUID, ...]
    texts: int


def fill(world: World, *, patients: int, texts: int, at: datetime) -> Written:
    """So many people of one clinic, each of whom writes so many texts of every kind, puts one line away and shares a copy."""
    kinds = list(EntryKind)
    with tenant(world.clinic.pk):
        people = [a_patient(world, number) for number in range(patients)]
        for each in people:
            for number in range(texts):
                kind = kinds[number % len(kinds)]
                row = wrote(each, f"{kind} {number} of {each.record_number}", kind=kind, feelings=("Calm",), at=at)
                if kind is EntryKind.ENTRY:
                    entry_id = row.pk
            park_urge(each, urge_id=uuid4(), line="Buy the boat", opens_at=at, at=at)
            a_share(each, entry_id=entry_id, at=at)
    return Written(world, tuple(each.pk for each in people), texts + 1)


def a_patient(world: World, number: int) -> Patient:
    """One more of this clinic. Inside its tenant()."""
    patient = Patient.objects.get(pk=world.patient.pk)
    patient.pk, patient.record_number = uuid4(), f"B-{number}"
    patient.save(force_insert=True)
    return patient


def opened(written: Written, at: datetime) -> Counter[UUID]:
    """How many texts of each open, by the pages' own ways."""
    found: Counter[UUID] = Counter()
    for patient in _people(written):
        with tenant(written.world.clinic.pk), suppress(JournalClosed):
            texts = open_entries(patient, kinds=list(EntryKind), at=at)
            with as_journal():
                waiting = list(ParkedUrge.objects.filter(patient=patient).values_list("pk", flat=True))
            lines = [open_urge(patient, urge_id, at=at) for urge_id in waiting]
            found[patient.pk] = sum(each.words is not None for each in texts) + len(lines) - lines.count(None)
    return found


def copies_opened(written: Written) -> Counter[UUID]:
    """How many copies for somebody else open, of each."""
    found: Counter[UUID] = Counter()
    with tenant(written.world.clinic.pk), as_journal():
        for share in Share.objects.filter(patient__in=written.patients):
            with suppress(CanNotOpen, JournalClosed):
                open_copy(share)
                found[share.patient_id] += 1
    return found


def _people(written: Written) -> list[Patient]:
    with tenant(written.world.clinic.pk):
        return list(Patient.objects.filter(pk__in=written.patients))


def rows_kept(written: Written, patient_id: UUID) -> int:
    """How many sealed texts of this patient lie in the database, whether they open or not."""
    with tenant(written.world.clinic.pk), as_journal():
        return sum(model.objects.filter(patient=patient_id).count() for model in (JournalEntry, ParkedUrge))
