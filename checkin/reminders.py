"""When a patient who asked for it is reminded of the log (docs/clinical.md, 16). No Django."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from checkin.pace import DAY_BEGINS_AT, RESTS, day_of, next_log_on
from checkin.states import LogPace
from prompts.schedule import SHORTEST_WINDOW, DayReminder, quiet_nights
from timeline.document import QuietHours
from timeline.phases import is_night

# It waits for a quiet moment, but not into the evening.
WAITS = timedelta(hours=3)
# A row is there this long before it is due, so that it leaves on the minute, however long a look takes.
LOOKS_AHEAD = timedelta(minutes=15)
# One that was picked in what are quiet hours by now comes so long before them, or as they end.
_BEFORE_NIGHT, _DAY = timedelta(minutes=30), timedelta(days=1)
# As many as fit one row of tiles, with "No reminder" before them.
MOST_HOURS = 5
_UTC = ZoneInfo("UTC")


def hours_to_pick(quiet: QuietHours, *, picked: time | None = None) -> list[time]:
    """Up to five full hours, spread over those that are not quiet, in the order of the patient's day; and the one that
    holds for `picked`."""
    starts = quiet.ends_at.hour
    hours = [hour for hour in (time((starts + number) % 24) for number in range(24)) if _is_open(hour, quiet)]
    places = {round((len(hours) - 1) * number / (MOST_HOURS - 1)) for number in range(MOST_HOURS)}
    found = {hours[place] for place in places} if hours else set[time]()
    held = {hour_that_holds(picked, quiet)} if picked else set[time]()
    return sorted(found | held, key=lambda hour: _after(hour, time(starts)))


def hour_that_holds(picked: time, quiet: QuietHours) -> time:
    """The hour that was picked. Where it has become quiet: half an hour before that begins or as it ends, the nearer one."""
    if _is_open(picked, quiet):
        return picked
    before = (datetime.combine(date.max, quiet.starts_at) - _BEFORE_NIGHT).time()
    return before if _after(picked, before) <= _after(quiet.ends_at, picked) else quiet.ends_at


def _after(wall: time, start: time) -> timedelta:
    """From `start` to `wall`, as the clock goes round."""
    return (datetime.combine(date.max, wall) - datetime.combine(date.max, start)) % _DAY


def _is_open(hour: time, quiet: QuietHours) -> bool:
    return not any(is_quiet(hour, quiet, after=after) for after in (timedelta(0), SHORTEST_WINDOW))


def is_quiet(hour: time, quiet: QuietHours, *, after: timedelta = timedelta(0)) -> bool:
    """Whether it is in quiet hours so long after this hour on the clock."""
    return is_night(datetime.combine(date.min + _DAY, hour, tzinfo=_UTC) + after, _UTC, quiet)


def reminder_on(day: date, reminds_at: time, *, zone: ZoneInfo, quiet: QuietHours) -> DayReminder | None:
    """That of one day of the log, at the hour that holds; None where nothing of it is left on a day on which the clock jumps.

    The clock on the wall decides, also on a day on which it jumps: an hour that is left out comes as it jumps, and of one
    that comes twice the first counts. The window ends with the day, and where quiet hours begin.
    """
    wall = hour_that_holds(reminds_at, quiet)
    due_at = _on(day, wall, zone=zone, days=int(wall < DAY_BEGINS_AT))
    ends_at = min(due_at + WAITS, _on(day, DAY_BEGINS_AT, zone=zone, days=1))
    nights = quiet_nights(quiet, zone, starts=due_at - timedelta(hours=1), ends=ends_at + timedelta(hours=1))
    if is_night(due_at, zone, quiet):
        return None
    ends_at = min([ends_at, *(night.starts_at for night in nights if night.starts_at > due_at)])
    return DayReminder(day, due_at, ends_at) if ends_at - due_at >= SHORTEST_WINDOW else None


def reminder_due(
    reminds_at: time,
    *,
    chosen_at: datetime,
    pace: LogPace,
    last_day: date | None,
    last_visit: datetime | None,
    zone: ZoneInfo,
    quiet: QuietHours,
    at: datetime,
) -> DayReminder | None:
    """The one that is due at `at`, or within LOOKS_AHEAD; None when none is.

    `last_day` is that of the last log, `last_visit` hour 0 of the last treatment. Only on a day on which a log is asked
    for and none is kept; not while a visit's own messages may still come, nor later on the day on which they end; and not
    at once for somebody who picks an hour that is over today.
    """
    today = day_of(at + LOOKS_AHEAD, zone)
    reminder = reminder_on(today, reminds_at, zone=zone, quiet=quiet)
    if reminder is None or not reminder.due_at - LOOKS_AHEAD <= at < reminder.window_ends_at:
        return None
    if reminder.due_at < chosen_at or (last_visit and day_of(last_visit + RESTS, zone) >= today):
        return None
    next_on = next_log_on(pace, last_visit=last_visit, last_day=last_day, today=today, at=reminder.due_at)
    return reminder if next_on == today else None


def _on(day: date, wall: time, *, zone: ZoneInfo, days: int = 0) -> datetime:
    return datetime.combine(day + timedelta(days=days), wall, tzinfo=zone).astimezone(UTC)
