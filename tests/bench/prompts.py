"""`bench prompts`: many prompts due at one moment. Ours beside a plain loop, and beside what a team would take instead."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from accounts.states import ChannelKind
from aftercare.processes import Part
from tests.bench.goals import at_least, at_most, middle, percentile, ratio, rounded
from tests.bench.ground import FLOOR, Ground
from tests.bench.peers import PEER_NAMES, PEERS, Peer, schedule
from tests.bench.rows import any_is_due, fill, make_due, read, wait_until, waiting, wal_bytes
from tests.bench.told import Told
from tests.bench.work import cpu_seconds, memory_mb

TICK = 1.0
SMS, IN_APP = ChannelKind.SMS.value, ChannelKind.IN_APP.value
Start = Callable[[Ground], list[Part]]


@dataclass(frozen=True, slots=True)
class Contender:
    """Who does the work, and how the messages leave."""

    name: str
    start: Start
    channel: str = SMS


def _floors(ground: Ground, *words: str) -> list[Part]:
    return [ground.start(f"floor-{number}", [*FLOOR, *words]) for number in range(2)]


FLOORS = (
    Contender("floor, no tries", _floors, IN_APP),
    Contender("ours, in the app", lambda ground: ground.start_ours(), IN_APP),
    Contender("floor", lambda ground: _floors(ground, "--tries")),
    Contender("ours", lambda ground: ground.start_ours()),
)
CROWD = Contender("ours, two workers and two loops", lambda ground: ground.start_ours(workers=2, loops=2))


def measure(ground: Ground, told: Told) -> dict[str, Any]:
    """Bursts by turns, A B A B; medians of the rounds."""
    fill(ground.db, n=told.n, patients=max(told.k, told.n // 12), clinics=told.clinics)
    bursts: dict[str, list[dict[str, Any]]] = {each.name: [] for each in FLOORS}
    for _ in range(told.rounds):
        for contender in FLOORS:
            bursts[contender.name].append(burst(ground, contender, k=told.k))
    found = {name: medians(rounds) for name, rounds in bursts.items()}
    found[CROWD.name] = burst(ground, CROWD, k=told.k)
    goals = _goals(found, k=told.k)
    if told.k >= 1000:
        found["ours, a tenth"] = burst(ground, FLOORS[3], k=told.k // 10)
        goals.append(_is_linear(found))
    if told.peers:
        found |= _peers(ground, k=min(told.k, 1000))
        goals += _beside_peers(found)
    return {"n": told.n, "k": told.k, "clinics": told.clinics, "rounds": told.rounds, "found": found, "goals": goals}


def burst(ground: Ground, contender: Contender, *, k: int, peer: Peer | None = None, lead: float = 6) -> dict[str, Any]:
    """`k` prompts due at one moment, from that moment to the last one's end."""
    ground.lines.write_bytes(b"")
    _, probe = make_due(ground.db, k=1, channel=contender.channel, in_seconds=1)
    parts = contender.start(ground)
    if peer is None:
        ground.wait(lambda: not waiting(ground.db, probe), seconds=90, what=f"The probe of {contender.name}")
    first, ids = make_due(ground.db, k=k, channel=contender.channel, in_seconds=lead if peer is None else 2 * lead)
    scheduled = schedule(ground, peer, ids, at=first) if peer else None
    ground.lines.write_bytes(b"")
    pids = [*ground.stores, *(part.process.pid for part in parts)]
    wait_until(first)
    looker = ground.db.info.backend_pid  # our own looks are nobody's work
    before, wal_before = cpu_seconds(pids) - cpu_seconds([looker]), wal_bytes(ground.db)
    _wait_for_end(ground, ids)
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
        **({"schedule_ms_per_1000": scheduled} if scheduled is not None else {}),
    }


def _wait_for_end(ground: Ground, ids: list[int]) -> None:
    """A look is cheap while much is due, and exact at the end. What does not end shows in the figures."""
    end = time.monotonic() + 150
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


def _goals(found: Mapping[str, Mapping[str, Any]], *, k: int) -> list[dict[str, Any]]:
    def beside(key: str, ours: str, floor: str) -> float | None:
        return ratio(found[ours][key], found[floor][key])

    late = TICK + 2 * k / found["floor"]["drain"]
    all_of_ours = [figures for name, figures in found.items() if name.startswith("ours")]
    return [
        at_most("D1", "CPU beside the same SQL", beside("cpu_ms_per_1000", "ours", "floor"), 1.5),
        at_most(
            "D1",
            "CPU in the app, beside claim and end",
            beside("cpu_ms_per_1000", "ours, in the app", "floor, no tries"),
            1.5,
        ),
        at_least("D2", "drain rate beside the same SQL", beside("drain", "ours", "floor"), 0.7),
        at_least("D2", "drain rate in the app", beside("drain", "ours, in the app", "floor, no tries"), 0.7),
        at_most("D3", "burst, p99 late, s", found["ours"]["late_p99"], late),
        at_most("D3", "in the app, p99 late, s", found["ours, in the app"]["late_p99"], late),
        at_most(
            "once", "unsent and duplicates of ours", sum(each["unsent"] + each["duplicates"] for each in all_of_ours), 0
        ),
    ]


def _is_linear(found: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    grown = ratio(found["ours"]["cpu_ms_per_1000"], found["ours, a tenth"]["cpu_ms_per_1000"])
    return at_most("D12", "CPU per prompt, K beside K/10", grown, 1.1)


def _peers(ground: Ground, *, k: int) -> dict[str, dict[str, Any]]:
    """Each runs the floor's statements, a text at a time. It renders nothing, and asks nobody whether the text may leave."""
    if not Path(PEERS).exists():
        return {"peers": {"missing": "run `make bench-peers` first"}}
    found = {"ours, beside peers": burst(ground, FLOORS[3], k=k)}
    for name in PEER_NAMES:
        peer = Peer(name)
        found[name] = burst(ground, Contender(name, peer.start), k=k, peer=peer)
    return found


def _beside_peers(found: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    peers = [found[name] for name in PEER_NAMES if name in found]
    if not peers:
        return []
    ours = found["ours, beside peers"]
    best_rate = max(peer["rate"] for peer in peers if not peer["unsent"])
    least_work = min(peer["cpu_ms_per_1000"] for peer in peers if not peer["unsent"])
    return [
        at_least("D5", "rate beside the best peer's", ratio(ours["rate"], best_rate), 10),
        at_least("D6", "the best peer's CPU beside ours", ratio(least_work, ours["cpu_ms_per_1000"]), 12),
    ]
