"""`bench lateness`: how late prompts are in a steady stream, and when workers or Valkey are lost in the middle of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from aftercare.celery import TICK
from aftercare.processes import Part
from prompts.pressure import FLIGHT
from prompts.services.rows import LEASE
from tests.bench.goals import at_least, at_most, percentile
from tests.bench.ground import Ground
from tests.bench.rows import any_is_begun, fill, make_due, read, sent_between, wait_until, waiting
from tests.bench.told import Told

A_SECOND = 100.0
WORKERS = 2
# What a provider takes for a text while something is killed: long enough for a kill to meet some on their way.
PROVIDER = 0.02
# A stream that Valkey is off in lasts so many times as long as that: it is there before, and again before the end.
OUTLASTS = 1.6
Break = Callable[[Ground, list[Part]], list[Part]]


def measure(ground: Ground, told: Told) -> dict[str, Any]:
    """`k` texts at a hundred a second: undisturbed, and with a part lost when a third of them has left. While Valkey is off
    for long, as many take longer."""
    fill(ground.db, n=told.n, patients=max(told.k, told.n // 12), clinics=told.clinics)
    steady = _stream(ground, told.k, lambda ground: ground.start_ours())
    found, goals = (
        {"steady": steady},
        [
            at_most("D4", "steady, p50 late, s", steady["late_p50"], 0.6 * TICK),
            at_most("D4", "steady, p99 late, s", steady["late_p99"], TICK + 0.5),
            at_most("once", "steady, duplicates and not sent", steady["duplicates"] + steady["unsent"], 0),
        ],
    )
    if told.faults:
        found["workers killed"] = killed = _stream(ground, told.k, _ours, breaks=_kill_workers)
        found["Valkey empty"] = emptied = _stream(ground, told.k, _ours, breaks=_restart_valkey)
        found["loop alone"] = _stream(ground, told.k, lambda ground: ground.start_ours(workers=0, loops=1))
        outage = _Outage(told.off)
        found["Valkey off"] = off = _stream(
            ground, told.k, _ours_with_loop, breaks=outage, apart=OUTLASTS * told.off / told.k
        )
        off |= {"off": told.off, "left_while_off": outage.left}
        goals += _fault_goals(killed, emptied, off)
    return {"n": told.n, "k": told.k, "a_second": A_SECOND, "found": found, "goals": goals}


def _ours(ground: Ground) -> list[Part]:
    return ground.start_ours(seconds=PROVIDER)


def _ours_with_loop(ground: Ground) -> list[Part]:
    return ground.start_ours(loops=1, seconds=PROVIDER)


def _fault_goals(killed: dict[str, Any], emptied: dict[str, Any], off: dict[str, Any]) -> list[dict[str, Any]]:
    lease = LEASE.total_seconds()
    return [
        at_most("D15", "workers killed: duplicates", killed["duplicates"], 0),
        at_most("D15", "workers killed: of unknown fate, never sent again", killed["unknown"], FLIGHT * WORKERS),
        at_most("D15", "workers killed: neither sent nor of unknown fate", killed["unsent"] - killed["unknown"], 0),
        at_most("D15", "workers killed: latest, s", killed["late_max"], lease + TICK + 10),
        at_most("D16", "Valkey empty: not sent", emptied["unsent"] + emptied["duplicates"], 0),
        at_most("D16", "Valkey empty: latest, s", emptied["late_max"], lease + 30),
        at_most("D17", "Valkey off: not sent", off["unsent"] + off["duplicates"], 0),
        at_most("D17", "Valkey off: p99 late, s", off["late_p99"], 5),
        at_least("D17", "Valkey off: left meanwhile", off["left_while_off"], 1),
    ]


def _stream(
    ground: Ground,
    k: int,
    start: Callable[[Ground], list[Part]],
    *,
    breaks: Break | None = None,
    apart: float = 1 / A_SECOND,
) -> dict[str, Any]:
    _, probe = make_due(ground.db, k=1, channel="sms", in_seconds=1)
    parts = start(ground)
    ground.wait(lambda: not waiting(ground.db, probe), seconds=90, what="The probe")
    first, ids = make_due(ground.db, k=k, channel="sms", in_seconds=5, apart=apart)
    ground.lines.write_bytes(b"")
    wait_until(first)
    if breaks:
        ground.wait(lambda: waiting(ground.db, ids) < k * 0.7, seconds=60 + k * apart, what="A third of the stream")
        parts = breaks(ground, parts)
    _wait_for_end(ground, ids, lasts=k * apart)
    ground.stop(parts)
    return _figures(ground, ids)


def _wait_for_end(ground: Ground, ids: list[int], *, lasts: float) -> None:
    """What was on its way when its worker was killed is given up by the sweep, two minutes later."""
    end = time.monotonic() + lasts + 240
    while waiting(ground.db, ids) and time.monotonic() < end:
        time.sleep(0.3)


def _figures(ground: Ground, ids: list[int]) -> dict[str, Any]:
    sent = read(ground.db, ids)
    addresses = [line.split()[0] for line in ground.lines.read_text().splitlines()]
    return {
        "late_p50": percentile(sent.late, 50),
        "late_p99": percentile(sent.late, 99),
        "late_max": percentile(sent.late, 100),
        "unsent": len(ids) - sent.states.get(1, 0),
        "unknown": sent.states.get(5, 0),
        "duplicates": len(addresses) - len(set(addresses)),
    }


def _kill_workers(ground: Ground, parts: list[Part]) -> list[Part]:
    """While some texts are on their way; and up again after a second, as a supervisor does it."""
    worker, beat = parts
    end = time.monotonic() + 10
    while not any_is_begun(ground.db) and time.monotonic() < end:
        time.sleep(0.001)
    ground.kill(worker)
    time.sleep(1)
    return [ground.start_worker(seconds=PROVIDER), beat]


def _restart_valkey(ground: Ground, parts: list[Part]) -> list[Part]:
    """It keeps nothing. What ends over it is started again after a second."""
    ground.restart_valkey()
    time.sleep(3)
    return ground.keep_up(parts, seconds=PROVIDER)


@dataclass(slots=True)
class _Outage:
    """Valkey is killed, stays away for so many seconds, and comes back with nothing; what ends meanwhile is started again."""

    seconds: float
    left: int = 0

    def __call__(self, ground: Ground, parts: list[Part]) -> list[Part]:
        found = list(parts)

        def wait() -> None:
            began, end = datetime.now(UTC), time.monotonic() + self.seconds
            while time.monotonic() < end:
                time.sleep(1)
                found[:] = ground.keep_up(found, seconds=PROVIDER)
            self.left = sent_between(ground.db, began, datetime.now(UTC))

        ground.restart_valkey(meanwhile=wait)
        time.sleep(3)
        return ground.keep_up(found, seconds=PROVIDER)
