"""What every way out of the building has in common: one try, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from prompts.states import Outcome
from prompts.words import Message


@dataclass(frozen=True, slots=True)
class Sending:
    """What became of one message: the outcome, the provider's id or error code, and when to come back if it said so."""

    outcome: Outcome
    provider_id: str = ""
    code: str = ""
    retry_after: timedelta | None = None


class Way(Protocol):
    """One provider. `send` may be called from many threads at once, and never raises for what a network may do."""

    def send(self, *, to: str, message: Message) -> Sending: ...

    def close(self) -> None: ...
