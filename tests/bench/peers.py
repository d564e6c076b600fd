"""Other systems for the same work, in their own folder: their processes, and how they are told what is due."""

from __future__ import annotations

import json
import subprocess
import sysconfig
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from typing import TYPE_CHECKING

import redis

from aftercare.processes import ROOT, Part, StackError

if TYPE_CHECKING:
    from tests.bench.ground import Ground

PEERS = ROOT / ".bench" / "bin" / "python"
PEER_NAMES = ("huey", "redbeat", "procrastinate", "celery eta")
_CELERY = ("-m", "celery", "-q", "-A", "tests.bench.peer_celery")
_WORKER = (*_CELERY, "worker", "-c", "2", "--without-mingle", "--without-gossip", "-l", "ERROR")
_PARTS: dict[str, Sequence[tuple[str, ...]]] = {
    "huey": [("-m", "tests.bench.peer_huey", "work")],
    "procrastinate": [("-m", "tests.bench.peer_procrastinate", "work")],
    "celery eta": [_WORKER],
    "redbeat": [_WORKER, (*_CELERY, "beat", "-S", "redbeat.RedBeatScheduler", "--pidfile=", "-l", "ERROR")],
}
_TELLS = {
    "huey": "tests.bench.peer_huey",
    "procrastinate": "tests.bench.peer_procrastinate",
    "celery eta": "tests.bench.peer_celery",
    "redbeat": "tests.bench.peer_redbeat",
}
# Seconds for a thousand, with room: the slowest by far hands each to a worker that has it wait.
_TELLING = {"huey": 0.3, "redbeat": 1.0, "procrastinate": 0.3, "celery eta": 2.0}
# Both sides have them, and at the same version: what one gains there, the other gains as well.
_SHARED = ("celery", "kombu", "redis", "psycopg", "psycopg-binary")
_THEIRS = ("huey", "celery-redbeat", "procrastinate")
_ASKED = (
    "import json, sys; from importlib.metadata import version; "
    "print(json.dumps({'python': sys.version.split()[0], **{name: version(name) for name in sys.argv[1:]}}))"
)


@dataclass(frozen=True, slots=True)
class Peer:
    """One of PEER_NAMES. It does our own work for each text; or, `is_bare`, the floor's statements."""

    name: str
    is_bare: bool = False

    def start(self, ground: Ground) -> list[Part]:
        return [
            ground.start(f"{self.name} {number}", [PEERS, *words], **self.env(ground))
            for number, words in enumerate(_PARTS[self.name])
        ]

    def env(self, ground: Ground) -> dict[str, str]:
        """What its processes are told besides what all on this ground are."""
        return _env(ground) | (_BARE if self.is_bare else _OURS)

    def telling(self, k: int) -> float:
        """Seconds in which it has heard of `k` prompts."""
        return _TELLING[self.name] * k / 1000


_BARE = {"PEER_WORK": "tests.bench.peer_bare"}
# The product and all it needs are found before the folder's own, so what both have is one and the same.
_OURS = {
    "PEER_WORK": "tests.bench.peer_prompt",
    "PYTHONPATH": sysconfig.get_path("platlib"),
    "DJANGO_SETTINGS_MODULE": "aftercare.settings",
}


def schedule(ground: Ground, peer: Peer, ids: Sequence[int], *, at: datetime | None = None) -> float:
    """Tells it of every prompt, as it is quickest told: for this moment, or for soon. Milliseconds of a thousand."""
    done = subprocess.run(
        [PEERS, "-m", _TELLS[peer.name], "tell"],
        input=json.dumps({"ids": list(ids), "at": at and at.timestamp()}),
        cwd=ROOT,
        env=ground.env | _env(ground),
        capture_output=True,
        text=True,
        check=False,
        timeout=60 + len(ids) / 100,
    )
    if done.returncode:
        raise StackError(f"{peer.name} could not be told: {done.stderr[-2000:]}")
    return float(done.stdout)


def forget(ground: Ground) -> None:
    """What other systems keep of earlier bursts: none begins with what another has left."""
    redis.Redis.from_url(_env(ground)["PEER_BROKER"]).flushdb()
    if ground.db.execute("SELECT 1 FROM pg_class WHERE relname = 'procrastinate_jobs'").fetchone():
        ground.db.execute("TRUNCATE procrastinate_jobs CASCADE")


def versions_of_peers() -> dict[str, str]:
    """Raises StackError where what both sides use is not the same, or their folder is not there."""
    if not PEERS.exists():
        raise StackError("Run `make bench-peers` first: what we are measured against is not there.")
    words = ["-c", _ASKED, *_SHARED, *_THEIRS]
    done = subprocess.run([PEERS, *words], capture_output=True, text=True, check=False, timeout=60)
    found: dict[str, str] = json.loads(done.stdout) if done.returncode == 0 else {}
    ours = {"python": sysconfig.get_python_version()} | {name: version(name) for name in _SHARED}
    if other := [name for name, wanted in ours.items() if not _is_same(found.get(name, ""), wanted)]:
        raise StackError(
            f"Not the same in .bench as here: {', '.join(other)}. Remove .bench, and run `make bench-peers`."
        )
    return {name: found[name] for name in _THEIRS}


def _is_same(found: str, wanted: str) -> bool:
    return found == wanted or found.startswith(f"{wanted}.")


def _env(ground: Ground) -> dict[str, str]:
    """A database of Valkey's of its own, and PostgreSQL as its superuser: one rule less to work."""
    return {"PEER_BROKER": ground.env["REDIS_URL"].removesuffix("/0") + "/1", "PEER_DATABASE": ground.superuser}
