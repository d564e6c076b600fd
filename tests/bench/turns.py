"""Single acts by turns: how long each takes, and how much the app and its own process of PostgreSQL work for it."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

from tests.bench.goals import middle


class Turns:
    """Milliseconds of acts by their name: by the clock, and of work. The work hardly minds what else the machine does."""

    def __init__(self) -> None:
        self._clock: dict[str, list[float]] = defaultdict(list)
        self._work: dict[str, list[float]] = defaultdict(list)

    def take(self, name: str, act: Callable[[], object], *, backend: int) -> None:
        """`backend` is the process of PostgreSQL that the act speaks with."""
        worked, began = _worked(backend), time.perf_counter()
        act()
        self._clock[name].append((time.perf_counter() - began) * 1000)
        self._work[name].append((_worked(backend) - worked) * 1000)

    def clock(self, *, of: float = 1) -> dict[str, float]:
        """Medians, each a share of an act that did so many things."""
        return {name: middle([value / of for value in values]) for name, values in self._clock.items()}

    def work(self, *, of: float = 1) -> dict[str, float]:
        return {name: middle([value / of for value in values]) for name, values in self._work.items()}


def _worked(backend: int) -> float:
    """Seconds on a processor: of this process, and of one of PostgreSQL's, which has a single thread."""
    return time.process_time() + int(Path(f"/proc/{backend}/schedstat").read_text().split()[0]) / 1e9
