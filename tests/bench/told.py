"""What the command line asked for."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Told:
    """`n` rows in the table, `k` of them due."""

    n: int
    k: int
    rounds: int
    clinics: int = 2
    peers: bool = False
    faults: bool = True
