"""How long an escort's link opens. No Django."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

# Before anything has begun: a visit may begin late, and the day after it counts.
BEFORE_HOUR_ZERO = timedelta(hours=36)
NOON = time(12)


def link_ends_at(*, planned_for: datetime, hour_zero: datetime | None, zone: ZoneInfo) -> datetime:
    """Hour 24 or noon of the next day on the patient's clock, whichever is later (docs/decisions/0017)."""
    if hour_zero is None:
        return planned_for + BEFORE_HOUR_ZERO
    next_day = hour_zero.astimezone(zone).date() + timedelta(days=1)
    return max(hour_zero + timedelta(hours=24), datetime.combine(next_day, NOON, tzinfo=zone))
