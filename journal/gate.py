"""How long reading stays open after the PIN: five minutes without a look, fifteen in all. No Django."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Self

IDLE, LONGEST = timedelta(minutes=5), timedelta(minutes=15)


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
        return replace(self, seen_at=at)
