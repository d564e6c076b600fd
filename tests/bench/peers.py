"""Other systems for the same work, in their own folder: their processes, and how they are told what is due."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

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


@dataclass(frozen=True, slots=True)
class Peer:
    """One of PEER_NAMES."""

    name: str

    def start(self, ground: Ground) -> list[Part]:
        env = _env(ground)
        return [
            ground.start(f"{self.name} {number}", [PEERS, *words], **env)
            for number, words in enumerate(_PARTS[self.name])
        ]


def schedule(ground: Ground, peer: Peer, ids: Sequence[int], *, at: datetime) -> float:
    """Tells it of every prompt, as it is quickest told. Milliseconds of a thousand."""
    done = subprocess.run(
        [PEERS, "-m", _TELLS[peer.name], "tell"],
        input=json.dumps({"ids": list(ids), "at": at.timestamp()}),
        cwd=ROOT,
        env=ground.env | _env(ground),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise StackError(f"{peer.name} could not be told: {done.stderr[-2000:]}")
    return float(done.stdout)


def _env(ground: Ground) -> dict[str, str]:
    """A database of Valkey's of its own, and PostgreSQL as its superuser: one rule less to work."""
    return {"PEER_BROKER": ground.env["REDIS_URL"].removesuffix("/0") + "/1", "PEER_DATABASE": ground.superuser}
