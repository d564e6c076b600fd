"""`bench grows`: the same burst in a small table and in a large one. What a prompt costs, and what the processes hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.bench.bursts import FLOORS, burst, medians
from tests.bench.goals import at_most, ratio, rounded
from tests.bench.ground import Ground
from tests.bench.rows import fill
from tests.bench.told import Told

SMALL = 10_000
# Texts, by the plain loop and by us.
FLOOR, OURS = FLOORS[2:]


def measure(ground: Ground, told: Told) -> dict[str, Any]:
    """Small, large, small again: what the machine does besides meets both. `k` fall due in each."""
    small_n = max(min(SMALL, told.n), told.k)
    before = _bursts(ground, told, n=small_n)
    large = _bursts(ground, told, n=told.n)
    after = _bursts(ground, told, n=small_n)
    small = {name: before[name] + after[name] for name in before}
    found = {
        size: {name: medians(rounds) for name, rounds in each.items()}
        for size, each in (("small", small), ("large", large))
    }
    return {
        "n": told.n,
        "small_n": small_n,
        "k": told.k,
        "clinics": told.clinics,
        "rounds": told.rounds,
        "found": found,
        "goals": _goals(**found),
    }


def _bursts(ground: Ground, told: Told, *, n: int) -> dict[str, list[dict[str, Any]]]:
    ground.db.execute("TRUNCATE accounts_clinic, accounts_user CASCADE")
    patients = max(told.k, n // 12)
    # As many rows for each, so that as many patients as rows fall due have one.
    fill(ground.db, n=n // patients * patients, patients=patients, clinics=told.clinics)
    found: dict[str, list[dict[str, Any]]] = {FLOOR.name: [], OURS.name: []}
    # Time enough to come to rest: what fell due before, the loops would take.
    for _ in range(told.rounds):
        for contender in (FLOOR, OURS):
            found[contender.name].append(burst(ground, contender, k=told.k, lead=6 + n / 40_000))
    return found


def _goals(*, small: Mapping[str, Mapping[str, Any]], large: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    def grown(name: str) -> float | None:
        return ratio(large[name]["cpu_ms_per_1000"], small[name]["cpu_ms_per_1000"])

    held = rounded(large[OURS.name]["memory_mb"] - small[OURS.name]["memory_mb"])
    lost = sum(each[OURS.name][key] for each in (small, large) for key in ("unsent", "duplicates"))
    return [
        at_most(
            "D1",
            "CPU beside the same SQL, of N",
            ratio(large[OURS.name]["cpu_ms_per_1000"], large[FLOOR.name]["cpu_ms_per_1000"]),
            1.5,
        ),
        at_most("D11", "CPU per prompt, N beside 10k", grown(OURS.name), 2),
        at_most("D11", "its growth beside the floor's own", ratio(grown(OURS.name), grown(FLOOR.name)), 1.1),
        at_most("D14", "memory of worker and beat, N less 10k, MB", held, 20),
        at_most("once", "unsent and duplicates of ours", lost, 0),
    ]
