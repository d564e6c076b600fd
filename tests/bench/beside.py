"""`bench prompts --peers`: ours beside what a team would take instead, on the same work, and beside their bare cost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.bench.bursts import FLOORS, Contender, burst, medians
from tests.bench.goals import at_least, ratio
from tests.bench.ground import Ground
from tests.bench.peers import PEER_NAMES, Peer, versions_of_peers
from tests.bench.rows import fill
from tests.bench.told import Told

FLOOR, OURS = FLOORS[2:]
# What a system costs by itself shows in few as well, and is told without a goal.
BARE_K = 1_000
_Figures = Mapping[str, Any]


def measure(ground: Ground, told: Told) -> dict[str, Any]:
    """`peers_k` due at a time for the same work, ours before and after each round of peers; and few for the bare work, ours
    before."""
    versions = versions_of_peers()
    k = told.peers_k
    few = min(k, BARE_K)
    fill(ground.db, n=told.n, patients=max(k, told.n // 12), clinics=told.clinics)
    floors, all_of_ours, peers = [], [burst(ground, OURS, k=k)], []
    for _ in range(told.rounds):
        floors.append(burst(ground, FLOOR, k=k))
        peers.append(_each(ground, k=k, is_bare=False))
        all_of_ours.append(burst(ground, OURS, k=k))
    floor, ours = medians(floors), medians(all_of_ours)
    same = {name: medians([found[name] for found in peers]) for name in PEER_NAMES}
    ours_of_few, bare = burst(ground, OURS, k=few), _each(ground, k=few, is_bare=True)
    beside = _beside(ours, same)
    return {
        "n": told.n,
        "k": k,
        "clinics": told.clinics,
        "rounds": told.rounds,
        "found": {FLOOR.name: floor, OURS.name: ours, **same},
        "beside": beside,
        "bare": {"k": few, "found": {OURS.name: ours_of_few, **bare}, "beside": _beside(ours_of_few, bare)},
        "peers": versions,
        "goals": [
            at_least("D5", "rate beside the best peer's", beside["rate"], 10),
            at_least("D6", "the best peer's CPU beside ours", beside["cpu_ms_per_1000"], 12),
        ],
    }


def _each(ground: Ground, *, k: int, is_bare: bool) -> dict[str, dict[str, Any]]:
    peers = [Peer(name, is_bare=is_bare) for name in PEER_NAMES]
    return {peer.name: burst(ground, Contender(peer.name, peer.start, peer=peer), k=k) for peer in peers}


def _beside(ours: _Figures, peers: Mapping[str, _Figures]) -> dict[str, float | None]:
    """Ours against the best of them in each figure, of those that sent all: how many times as good."""
    whole = [figures for figures in peers.values() if not figures["unsent"]]
    return {
        "rate": ratio(ours["rate"], max((each["rate"] for each in whole), default=None)),
        "drain": ratio(ours["drain"], max((each["drain"] for each in whole), default=None)),
        "cpu_ms_per_1000": ratio(
            min((each["cpu_ms_per_1000"] for each in whole), default=None), ours["cpu_ms_per_1000"]
        ),
    }
