"""`bench prompts`: many prompts due at one moment. Ours beside a plain loop."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aftercare.celery import TICK
from tests.bench.bursts import FLOORS, Contender, burst, medians
from tests.bench.goals import at_least, at_most, ratio
from tests.bench.ground import Ground
from tests.bench.rows import fill
from tests.bench.told import Told

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
    return {"n": told.n, "k": told.k, "clinics": told.clinics, "rounds": told.rounds, "found": found, "goals": goals}


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
