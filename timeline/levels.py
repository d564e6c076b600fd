"""How much an answer asks for: the five levels of triage (docs/clinical.md). No database, no Django."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Level(StrEnum):
    """What the patient does now, and how staff hear of it."""

    ROUTINE = "routine"
    CALL_TODAY = "call_today"
    URGENT = "urgent"
    CRISIS = "crisis"
    EMERGENCY = "emergency"


# Lowest first. Crisis and emergency page staff alike; where both hold, the act of an emergency comes first.
LEVELS = (Level.ROUTINE, Level.CALL_TODAY, Level.URGENT, Level.CRISIS, Level.EMERGENCY)
# Those that nobody may wait with: staff are paged.
RED = frozenset({Level.URGENT, Level.CRISIS, Level.EMERGENCY})


def rank(level: Level) -> int:
    """0 for routine, 4 for emergency."""
    return LEVELS.index(level)


def worst(levels: Iterable[Level]) -> Level:
    """The highest of them; routine where there is none."""
    return max(levels, key=rank, default=Level.ROUTINE)
