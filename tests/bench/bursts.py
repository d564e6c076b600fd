"""A burst: many prompts due at one moment, and who sends them. Ours, and a plain loop."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from accounts.states import ChannelKind
from aftercare.processes import Part, StackError
from tests.bench.goals import middle, percentile, rounded
from tests.bench.ground import FLOOR, Ground
from tests.bench.peers import Peer, forget, schedule
from tests.bench.rows import any_is_due, make_due, read, wait_until, waiting, wal_bytes
from tests.bench.work import cpu_seconds, memory_mb

# Messages of a peer before it counts.
WARM = 40
# One that has not heard of all in time is started and told anew, with twice as many seconds, up to so many.
MOST_LEAD = 48
SMS, IN_APP = ChannelKind.SMS.value, ChannelKind.IN_APP.value
Start = Callable[[Ground], list[Part]]


@dataclass(frozen=True, slots=True)
class Contender:
    """Who does the work, and how the messages leave. A `peer` is told of each; all others find them in the table."""

    name: str
    start: Start
    channel: str = SMS
    peer: Peer | None = None


def _floors(ground: Ground, *words: str) -> list[Part]:
    return [ground.start(f"floor-{number}", [*FLOOR, *words]) for number in range(2)]


FLOORS = (
    Contender("floor, no tries", _floors, IN_APP),
    Contender("ours, in the app", lambda ground: ground.start_ours(), IN_APP),
    Contender("floor", lambda ground: _floors(ground, "--tries")),
    Contender("ours", lambda ground: ground.start_ours()),
)


def burst(ground: Ground, contender: Contender, *, k: int, lead: float = 6) -> dict[str, Any]:
    """`k` prompts due at one moment, from that moment to the last one's end."""
    parts = _started(ground, contender)
    peer = contender.peer
    in_seconds, most = (lead + peer.telling(k), 60 + k / 50) if peer else (lead, 150)
    first, ids = make_due(ground.db, k=k, channel=contender.channel, in_seconds=in_seconds)
    told = {"schedule_ms_per_1000": schedule(ground, peer, ids, at=first)} if peer else {}
    if datetime.now(UTC) > first:
        ground.stop(parts)
        if 2 * lead > MOST_LEAD:
            raise StackError(f"{contender.name} was told too late: something else is busy here.")
        return burst(ground, contender, k=k, lead=2 * lead)
    ground.lines.write_bytes(b"")
    pids = [*ground.stores, *(part.process.pid for part in parts)]
    wait_until(first)
    looker = ground.db.info.backend_pid  # our own looks are nobody's work
    before, wal_before = cpu_seconds(pids) - cpu_seconds([looker]), wal_bytes(ground.db)
    _wait_for_end(ground, ids, seconds=most)
    wal = wal_bytes(ground.db) - wal_before
    worked, memory = cpu_seconds(pids) - cpu_seconds([looker]) - before, memory_mb(part.process.pid for part in parts)
    ground.stop(parts)
    sent = read(ground.db, ids)
    lines = [line.split() for line in ground.lines.read_text().splitlines()]
    addresses = [address for address, _ in lines]
    # From the first line on; what is shown in the app has none, so beside it the first row's end counts.
    began = min(float(at) for _, at in lines) if lines and contender.channel == SMS else sent.first.timestamp()
    return {
        "cpu_ms_per_1000": rounded(worked * 1e6 / k),
        "rate": rounded(k / max((sent.last - first).total_seconds(), 0.001)),
        "drain": rounded(k / max(sent.last.timestamp() - began, 0.001)),
        "late_p50": percentile(sent.late, 50),
        "late_p99": percentile(sent.late, 99),
        "memory_mb": memory,
        "wal_kb_each": rounded(wal / 1024 / k),
        "sent": sent.states.get(1, 0),
        "unsent": k - sent.states.get(1, 0),
        "duplicates": len(addresses) - len(set(addresses)),
        **told,
    }


def _started(ground: Ground, contender: Contender) -> list[Part]:
    """Up, with a first message behind it; a peer, which hands them out itself, with enough of them for each worker."""
    ground.lines.write_bytes(b"")
    if contender.peer:
        forget(ground)
    _, probe = make_due(ground.db, k=WARM if contender.peer else 1, channel=contender.channel, in_seconds=1)
    parts = contender.start(ground)
    if contender.peer:
        schedule(ground, contender.peer, probe)
    ground.wait(lambda: not waiting(ground.db, probe), seconds=90, what=f"The probe of {contender.name}")
    return parts


def _wait_for_end(ground: Ground, ids: list[int], *, seconds: float) -> None:
    """A look is cheap while much is due, and exact at the end. What does not end shows in the figures."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if not any_is_due(ground.db) and not waiting(ground.db, ids):
            return
        time.sleep(0.1)


def medians(rounds: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Of what is measured the middle; of what must not happen, the sum."""
    sums = {"sent", "unsent", "duplicates"}
    return {
        key: sum(each[key] for each in rounds) if key in sums else middle([each[key] for each in rounds])
        for key in rounds[0]
    }
