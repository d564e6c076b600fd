"""Which day a log is of, when the log rests, and how often it is asked for (docs/clinical.md, 16). No Django."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from checkin.states import LogPace

# No log within a day of a treatment (clinical.md, 4.3 and 6).
RESTS = timedelta(hours=24)
DAILY_FOR, GOES_ON_FOR = timedelta(days=14), timedelta(weeks=8)
DAY, WEEK = 1, 7
# Whoever is still up at two at night speaks of the day that is not over for them.
DAY_BEGINS_AT = time(4)
_CHOSEN = {LogPace.DAILY: DAY, LogPace.WEEKLY: WEEK, LogPace.OFF: None}


def day_of(at: datetime, zone: ZoneInfo) -> date:
    """The day that a log written at this moment is of, by the patient's clock."""
    local = at.astimezone(zone)
    return local.date() - timedelta(days=local.time() < DAY_BEGINS_AT)


def rests_until(hour_zeros: Iterable[datetime], *, at: datetime) -> datetime | None:
    """When the log opens again; None when it is open."""
    return max((hour_zero + RESTS for hour_zero in hour_zeros if at < hour_zero + RESTS), default=None)


def days_between(pace: LogPace, *, last_visit: datetime | None, at: datetime) -> int | None:
    """How many days lie between two logs that are asked for; None when none is.

    `last_visit`: hour 0 of the last treatment. By the plan it is each day for 14 days from hour 24, then each week until
    eight weeks are over: relapse comes at a median of 18 days, so it goes on for four weeks at the least.
    """
    if pace in _CHOSEN:
        return _CHOSEN[pace]
    if last_visit is None:
        return None
    passed = at - last_visit - RESTS
    return DAY if passed < DAILY_FOR else WEEK if passed < GOES_ON_FOR else None


def next_log_on(
    pace: LogPace, *, last_visit: datetime | None, last_day: date | None, today: date, at: datetime
) -> date | None:
    """The day of the next log that is asked for, today at the earliest; None when none is. `last_day`: the last one kept."""
    days = days_between(pace, last_visit=last_visit, at=at)
    if days is None:
        return None
    return max(today, last_day + timedelta(days=days)) if last_day else today
