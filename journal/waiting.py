"""When something put away for a day comes back, and where it stands then. No Django."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Literal

WAITS = timedelta(hours=24)
Stage = Literal["waiting", "ready", "kept", "asked"]


def opens_at(at: datetime, *, hour_zero: datetime | None) -> datetime:
    """The end of the 24 hours that run since `hour_zero`; else 24 hours from `at`. In UTC: a day is as long as it lasts.

    It is promised once: an hour 0 that is corrected later moves nothing that was put away before.
    """
    day_ends = hour_zero.astimezone(UTC) + WAITS if hour_zero else None
    return day_ends if day_ends and day_ends > at else at.astimezone(UTC) + WAITS


def stage_of(answer: str, *, opens_at: datetime, at: datetime) -> Stage:
    """Where it stands. `answer` is "", "kept" or "asked": what was let go is no more."""
    if at < opens_at:
        return "waiting"
    return "kept" if answer == "kept" else "asked" if answer == "asked" else "ready"
