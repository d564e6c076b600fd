"""What is killed, and when: the same plan for the same seed."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from random import Random

from tests.chaos.stage import Stage

KINDS = ("web", "sender", "worker", "valkey", "postgres")
# Seconds between two kills, and how long what was killed stays away.
SHORTEST, LONGEST = 4.0, 12.0
AWAY = (0.5, 3.0)


def plan(seed: int, kinds: Sequence[str]) -> Iterator[tuple[float, str, Random]]:
    """Without end: how long after the one before, what, and the dice for how. Each kind once before any comes again."""
    dice = Random(f"nemesis {seed}")  # noqa: S311  the same again is what it is for
    while kinds:
        for kind in dice.sample(kinds, k=len(kinds)):
            yield dice.uniform(SHORTEST, LONGEST), kind, dice


class Nemesis:
    """Kills by plan, from the thread that keeps the stage up. It touches nothing that the stage did not start."""

    def __init__(self, stage: Stage, *, seed: int, kinds: Sequence[str]) -> None:
        self.kills: Counter[str] = Counter()
        self.moments: list[float] = []
        self._stage, self._plan = stage, plan(seed, kinds)
        self._next = next(self._plan, None)
        self._last = time.monotonic()

    def tick(self) -> None:
        """Kills what is due now."""
        if self._next is None or time.monotonic() - self._last < self._next[0]:
            return
        _, kind, dice = self._next
        if killed := self._kill(kind, dice):
            self.kills[killed] += 1
            self.moments.append(time.time())
        self._last, self._next = time.monotonic(), next(self._plan)

    def _kill(self, kind: str, dice: Random) -> str:
        """Returns what it was, for the count; "" where it was away."""
        away = dice.uniform(*AWAY)
        if kind == "sender":
            return self._stage.kill(dice.choice(self._stage.senders), away=away) and "sender"
        if kind == "web" and dice.random() < 0.5:
            return self._stage.kill_child("web", dice) and "web worker"
        if kind == "worker" and dice.random() < 0.25:
            return self._stage.kill("beat", away=away)
        if kind == "postgres":
            return self._stage.kill_postgres(at_once=dice.random() < 0.5, away=away)
        return self._stage.kill(kind, away=away)
