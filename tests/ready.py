"""A cluster with every role and table and no row, made once in a parallel run and copied for whatever begins one of its own.

To migrate an empty database costs a run many times what a copy does. Standard library only.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
import subprocess
import sys
from pathlib import Path

from aftercare.embedded import OWNER, RUNTIME, Postgres
from aftercare.processes import Parts

# Named by the process that begins the run: a folder inside its own, that goes with it. One process alone would gain nothing.
PLACE, IS_PARALLEL = "TEST_RUN_READY", "PYTEST_XDIST_WORKER"


def lay_out(data: Path) -> None:
    """Puts a copy into a data folder that has no cluster, as `Postgres(data)` looks for it. The first call of a run makes it.

    Does nothing outside a parallel run: there a start makes and migrates its own. Raises StackError.
    """
    if not (os.environ.get(PLACE) and os.environ.get(IS_PARALLEL)):
        return
    # One of its own may be older than this run: it waits for nobody's migration.
    if any(each.is_dir() and not each.suffix for each in data.glob("pg*")):
        return
    kept = _made(Path(os.environ[PLACE]))
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    new = data / f"{kept.name}.new"
    # In another name until all of it is there, as a cluster is made: what a kill has left is begun anew.
    shutil.rmtree(new, ignore_errors=True)
    # With its modes and, for root, its owner: PostgreSQL takes no other folder.
    subprocess.run(["cp", "-a", kept, new], check=True)
    new.rename(data / kept.name)


def _made(place: Path) -> Path:
    """The cluster, stopped in good order. Whoever comes meanwhile waits."""
    place.mkdir(mode=0o700, exist_ok=True)
    with (place / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = place / "done"
        if not done.exists():
            shutil.rmtree(place / "new", ignore_errors=True)
            _make(place / "new")
            (place / "new").rename(done)
    return next(done.glob("pg*"))


def _make(folder: Path) -> None:
    """By what an operator runs: `manage.py prepare`, on a cluster that has nothing."""
    folder.mkdir(mode=0o700)
    (folder / "static").mkdir()
    with (folder.parent / "log").open("ab") as log:
        parts, postgres = Parts(log=log), Postgres(folder, socket_folder=folder, durable=False)
        try:
            postgres.start(parts)
            parts.run("setup", [sys.executable, "manage.py", "prepare"], env=_told(folder, postgres))
        finally:
            parts.stop(list(parts.running))


def _told(folder: Path, postgres: Postgres) -> dict[str, str]:
    """As much as `prepare` asks for; without the demo, whose hours are those of its making."""
    ours = {
        "SECRET_KEY": secrets.token_urlsafe(48),
        "DATABASE_URL": postgres.url(RUNTIME),
        "MIGRATE_DATABASE_URL": postgres.url(OWNER),
        "STATIC_ROOT": str(folder / "static"),
        "PLAIN_STATIC": "1",
    }
    return {name: value for name, value in (os.environ | ours).items() if name != "DEMO"}
