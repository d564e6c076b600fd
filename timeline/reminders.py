"""When whoever has not finished the set-up is reminded before a visit. No Django."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from timeline.document import QuietHours
from timeline.phases import is_night


@dataclass(frozen=True, slots=True)
class Due:
    """One reminder, that of `hours` before the visit. `passed`: earlier ones that it stands for, which are not sent any more."""

    hours: int
    passed: tuple[int, ...]


def reminder_due(
    hours: Sequence[int],
    *,
    planned_for: datetime,
    planned_at: datetime,
    told: Collection[int],
    zone: ZoneInfo,
    quiet: QuietHours,
    at: datetime,
) -> Due | None:
    """The reminder that is due at this moment, or None. Never in quiet hours: it then comes at their end, before the visit.

    `told` are the hours of those that were sent or passed. One whose time was over when the visit was planned does not
    come, nor one that is older than the last one told. Of several at once only the nearest to the visit is sent.
    """
    if at >= planned_for or is_night(at, zone, quiet):
        return None
    nearest = min(told, default=None)
    due = sorted(
        each
        for each in set(hours)
        if (nearest is None or each < nearest)
        and planned_for - timedelta(hours=each) >= planned_at
        and planned_for - timedelta(hours=each) <= at
    )
    return Due(due[0], passed=tuple(due[1:])) if due else None


def quiet_from(at: datetime, *, zone: ZoneInfo, quiet: QuietHours) -> datetime:
    """When the next quiet hours begin."""
    local = at.astimezone(zone)
    starts_at = datetime.combine(local.date(), quiet.starts_at, tzinfo=zone)
    return (
        starts_at
        if starts_at > at
        else datetime.combine(local.date() + timedelta(days=1), quiet.starts_at, tzinfo=zone)
    )
