"""When a clinic is open, by its own clock. No database, no Django."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def minute_words(moment: datetime, zone: ZoneInfo) -> str:
    """ "3:05 pm", on the clock of `zone`: for what is at most some hours away."""
    local = moment.astimezone(zone)
    return f"{local.hour % 12 or 12}:{local:%M} {'am' if local.hour < 12 else 'pm'}"


class HoursError(ValueError):
    """The hours can't be read; the message says which and why."""


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """Opening and closing time per weekday (Monday is 0), and the days on which the clinic stays closed."""

    week: Mapping[int, tuple[time, time]]
    holidays: frozenset[date]

    def is_open(self, at: datetime, zone: ZoneInfo) -> bool:
        """`at` is aware; [opens, closes) on the clinic's own clock."""
        local = at.astimezone(zone)
        hours = self.week.get(local.weekday())
        return local.date() not in self.holidays and hours is not None and hours[0] <= local.time() < hours[1]

    def opened_at(self, at: datetime, zone: ZoneInfo) -> datetime | None:
        """When the clinic opened, while it is open; else None."""
        if not self.is_open(at, zone):
            return None
        local = at.astimezone(zone)
        return datetime.combine(local.date(), self.week[local.weekday()][0], tzinfo=zone)


def read_hours(week: Any, holidays: Any) -> OpeningHours:
    """From {"mon": ["08:00", "18:00"], …} and ["2027-01-01", …]. Raises HoursError."""
    if not isinstance(week, Mapping) or not isinstance(holidays, Sequence) or isinstance(holidays, str):
        raise HoursError("Opening hours are a list of days, each with two times; holidays are a list of dates.")
    if unknown := sorted(set(week) - set(DAYS)):
        raise HoursError(f"{unknown[0]} is not a day. The days are {', '.join(DAYS)}.")
    return OpeningHours(
        week={DAYS.index(day): _read_span(day, span) for day, span in week.items()},
        holidays=frozenset(_read_date(item) for item in holidays),
    )


def _read_span(day: str, span: Any) -> tuple[time, time]:
    try:
        opens, closes = (time.fromisoformat(item) for item in span)
    except (TypeError, ValueError):
        raise HoursError(f"{day}: give the opening and the closing time, like 08:00 and 18:00.") from None
    if opens >= closes:
        raise HoursError(f"{day}: the clinic has to open before it closes.")
    return opens, closes


def _read_date(item: Any) -> date:
    try:
        return date.fromisoformat(item)
    except (TypeError, ValueError):
        raise HoursError(f"{item!r} is not a date like 2027-01-01.") from None
