"""Single acts by turns: how long each takes, and how much the app and its own process of PostgreSQL work for it."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

from tests.bench.goals import middle

# Seconds until a process of PostgreSQL that gave its answer waits for the next question.
_REST = 0.002


class Turns:
    """Milliseconds of acts by their name: by the clock, and of work. The work hardly minds what else the machine does."""

    def __init__(self) -> None:
        self._clock: dict[str, list[float]] = defaultdict(list)
        self._work: dict[str, list[float]] = defaultdict(list)

    def take(self, name: str, act: Callable[[], object], *, backend: int) -> None:
        """`backend` is the process of PostgreSQL that the act speaks with."""
        theirs, own, began = _worked(backend), time.process_time(), time.perf_counter()
        act()
        took, own = time.perf_counter() - began, time.process_time() - own
        time.sleep(_REST)
        self._clock[name].append(took * 1000)
        self._work[name].append((own + _worked(backend) - theirs) * 1000)

    def clock(self, *, of: float = 1) -> dict[str, float]:
        """Medians, each a share of an act that did so many things."""
        return {name: middle([value / of for value in values]) for name, values in self._clock.items()}

    def work(self, *, of: float = 1) -> dict[str, float]:
        return {name: middle([value / of for value in values]) for name, values in self._work.items()}


def _worked(backend: int) -> float:
    """Seconds on a processor of a process of PostgreSQL's, which has a single thread. It counts them when it rests."""
    return int(Path(f"/proc/{backend}/schedstat").read_text().split()[0]) / 1e9
