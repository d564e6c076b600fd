"""What the command line asked for."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Told:
    """`n` rows in the table, `k` of them due; `peers_k` where other systems are beside us. `off`: seconds without Valkey."""

    n: int
    k: int
    rounds: int
    clinics: int = 2
    peers_k: int = 0
    faults: bool = True
    off: float = 120
