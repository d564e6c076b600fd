"""Whom an alert tells, how and at which minute; and by when somebody must have acted (docs/design.md). No database, no Django.

Draft clinical numbers, unsigned: the minutes come from the project's design, not from a trial.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from accounts.hours import OpeningHours
from alerts.states import NoticeChannel
from timeline.levels import RED, Level

FIRST, SECOND = 0, 1
# How long staff have for a call today, in hours in which the clinic is open.
CALL_WITHIN = timedelta(hours=2)
DUTY_ANSWERS_WITHIN = timedelta(minutes=30)
# A clinic that is not open within so many days has no hours that could be waited for.
_LOOKS_AHEAD = 31
_BY_TEXT = (NoticeChannel.SMS,)
_BY_TEXT_AND_CALL = (NoticeChannel.SMS, NoticeChannel.VOICE)


@dataclass(frozen=True, slots=True)
class Step:
    """One rung: at `minute` after the alert each of these seats is told, by each of these channels."""

    minute: int
    seats: tuple[int, ...]
    channels: tuple[NoticeChannel, ...]


def _ladder(first: tuple[int, ...], *minutes: int) -> tuple[Step, ...]:
    later = (Step(minute, (FIRST, SECOND), _BY_TEXT_AND_CALL) for minute in minutes)
    return (Step(0, first, _BY_TEXT), *later)


_URGENT = _ladder((FIRST,), 5, 10, 15)
_EMERGENCY = _ladder((FIRST, SECOND), 3, 6, 10)
_LADDERS = {Level.URGENT: _URGENT, Level.CRISIS: _EMERGENCY, Level.EMERGENCY: _EMERGENCY}


# After the last rung, as long as nobody has it: the same once more, each so many minutes.
REPEATS_EVERY = timedelta(minutes=10)
REPEAT = Step(0, (FIRST, SECOND), _BY_TEXT_AND_CALL)
_TOLD_ONCE = (Step(0, (FIRST,), _BY_TEXT),)


def steps(level: Level, *, tells_duty: bool = False) -> tuple[Step, ...]:
    """The rungs of a level, by minute. At call today nobody is paged, but one person on duty once where it `tells_duty`."""
    return _LADDERS.get(level, _TOLD_ONCE if tells_duty else ())


def due_at(level: Level, at: datetime, hours: OpeningHours, zone: ZoneInfo, *, tells_duty: bool = False) -> datetime:
    """By when somebody must have acted: red levels at once, a call today within two hours in which the clinic is open.

    So a closed clinic has until two hours after it opens next; one without any hours, two hours from now. Where somebody on
    duty is told of it they have half an hour.
    """
    if level in RED:
        return at
    if tells_duty:
        return at + DUTY_ANSWERS_WITHIN
    left = CALL_WITHIN
    for opens, closes in _spans(at, hours, zone):
        begins = max(opens, at)
        if begins + left <= closes:
            return begins + left
        left -= max(closes - begins, timedelta(0))
    return at + CALL_WITHIN


def _spans(at: datetime, hours: OpeningHours, zone: ZoneInfo) -> Iterator[tuple[datetime, datetime]]:
    """From when until when the clinic is open, in UTC: today, tomorrow, … Holidays are left out."""
    today = at.astimezone(zone).date()
    for day in (today + timedelta(days=number) for number in range(_LOOKS_AHEAD)):
        if day not in hours.holidays and (span := hours.week.get(day.weekday())):
            opens, closes = (datetime.combine(day, clock, zone).astimezone(at.tzinfo) for clock in span)
            yield opens, closes
