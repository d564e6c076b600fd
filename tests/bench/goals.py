"""What was measured beside what was aimed at. Plain Python: ratios of one run decide, times are only told."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from typing import Any


def at_most(key: str, words: str, measured: float | None, gate: float) -> dict[str, Any]:
    """One goal. What was not measured is not reached."""
    return _goal(key, words, measured, gate, "at most", is_met=measured is not None and measured <= gate)


def at_least(key: str, words: str, measured: float | None, gate: float) -> dict[str, Any]:
    return _goal(key, words, measured, gate, "at least", is_met=measured is not None and measured >= gate)


def missed(goals: Sequence[Mapping[str, Any]]) -> list[str]:
    """A sentence for each goal that was not reached."""
    return [
        f"{goal['goal']} {goal['what']}: {goal['measured']}, {goal['aim']} {goal['gate']}"
        for goal in goals
        if not goal["ok"]
    ]


def ratio(part: float | None, whole: float | None) -> float | None:
    return rounded(part / whole) if part is not None and whole else None


def rounded(value: float) -> float:
    """Three digits that count."""
    return float(f"{value:.3g}")


def middle(values: Sequence[float]) -> float:
    return rounded(statistics.median(values))


def percentile(values: Sequence[float], share: float) -> float | None:
    """The smallest value that `share` percent are not above; None of none."""
    return rounded(sorted(values)[max(math.ceil(len(values) * share / 100), 1) - 1]) if values else None


def _goal(key: str, words: str, measured: float | None, gate: float, aim: str, *, is_met: bool) -> dict[str, Any]:
    shown = None if measured is None else rounded(measured)
    return {"goal": key, "what": words, "measured": shown, "aim": aim, "gate": rounded(gate), "ok": is_met}
