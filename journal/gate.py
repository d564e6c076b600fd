"""How long reading stays open after the PIN: five minutes without a look, fifteen in all. No Django."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Self

IDLE, LONGEST = timedelta(minutes=5), timedelta(minutes=15)
# A look is noted when the last one is that long ago: what is written with each look could take back a lock of the same moment.
NOTED = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Gate:
    """When the PIN was given, and when something was last read, as moments in UTC."""

    opened_at: datetime
    seen_at: datetime

    @classmethod
    def open(cls, at: datetime) -> Self:
        return cls(at, at)

    @classmethod
    def read(cls, kept: object) -> Self | None:
        """From what a session keeps; None for what is no gate."""
        try:
            opened_at, seen_at = (datetime.fromisoformat(moment) for moment in kept)  # type: ignore[attr-defined]
        except (TypeError, ValueError):
            return None
        return cls(opened_at, seen_at)

    @property
    def kept(self) -> list[str]:
        """As a session keeps it."""
        return [self.opened_at.isoformat(), self.seen_at.isoformat()]

    def is_open(self, at: datetime) -> bool:
        return at - self.seen_at < IDLE and at - self.opened_at < LONGEST

    def seen(self, at: datetime) -> Self:
        """After a look at `at`; itself when the last one was noted a moment ago."""
        return replace(self, seen_at=at) if at - self.seen_at >= NOTED else self
