"""The app starts only as a role that the walls between clinics hold."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from django.db import connection, connections

from aftercare.processes import ROOT
from aftercare.roles import UnsafeRole, refuse_owner

WORKER = ("-m", "celery", "-A", "aftercare", "worker", "-c", "1")
WEB = ("-c", "import aftercare.wsgi")


def test_the_runtime_role_may_start(committed: None) -> None:
    refuse_owner(connection)


def test_the_owner_of_the_tables_is_refused(committed: None) -> None:
    with pytest.raises(UnsafeRole, match="signs in as aftercare_owner, which owns tables"):
        refuse_owner(connections["owner"])


@pytest.mark.parametrize("command", [WEB, WORKER], ids=["web", "worker"])
def test_nothing_starts_as_the_owner_and_one_line_says_why(committed: None, command: tuple[str, ...]) -> None:
    done = subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env=os.environ | {"DATABASE_URL": os.environ["MIGRATE_DATABASE_URL"]},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("DATABASE_URL signs in as aftercare_owner, which owns tables.")
    assert "Traceback" not in done.stderr
