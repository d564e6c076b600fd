"""Deleted words open from no backup: real dumps, restored with the server's own tools into databases of their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connections
from django.utils import timezone
from pytest_django.fixtures import Settings

from aftercare.processes import ROOT
from journal.services import keys
from tests.journal.backups import BACKUP_ROLE, BOOK, DATA, KEY_BOOK, WITHOUT_PATIENT, fill
from tests.journal.proofs import shred
from tests.journal.rings import NEW, OLD
from tests.world import World


@pytest.fixture
def _rings(settings: Settings) -> Iterator[None]:
    settings.JOURNAL_KEYS = OLD
    keys._trusted.clear()
    yield
    keys._trusted.clear()


@pytest.mark.usefixtures("committed", "_rings")
def test_yesterdays_backup_opens_nothing_of_who_deleted_and_everything_of_the_others(
    world: World, tmp_path: Path
) -> None:
    if not str(connections["owner"].settings_dict["HOST"]).startswith("/"):
        pytest.skip("needs the superuser of a server of its own")
    at = timezone.now()
    found = shred(fill(world, patients=3, texts=6, at=at), tmp_path, old=OLD, new=NEW, at=at)
    assert found.holds, found


def test_the_procedure_that_is_tried_is_the_one_that_is_written_down() -> None:
    words = (ROOT / "docs" / "journal-keys.md").read_text("utf-8")
    for option in (*DATA, *KEY_BOOK, "--disable-triggers", BACKUP_ROLE, "BYPASSRLS", "pg_read_all_data"):
        assert option in words, option
    for table in BOOK:
        assert " ".join(WITHOUT_PATIENT.format(table).split()) in words
