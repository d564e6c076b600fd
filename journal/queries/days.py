"""How the lists of private words name days: near ones by themselves, older ones by their month."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Generic, TypeVar
from zoneinfo import ZoneInfo

from timeline.phases import time_words

Line = TypeVar("Line")
# So many days are named one by one, today included.
NEAR = 7


@dataclass(frozen=True, slots=True)
class Stretch(Generic[Line]):
    """What stands under one heading: a day, or a month of long ago."""

    name: str
    lines: tuple[Line, ...]


def by_days(
    lines: Iterable[Line], *, moment_of: Callable[[Line], datetime], zone: ZoneInfo, at: datetime
) -> tuple[Stretch[Line], ...]:
    """Lines in their order, cut where the heading changes; days by the clock of `zone`, seen from `at`."""
    today = at.astimezone(zone).date()

    def name_of(line: Line) -> str:
        return _name(moment_of(line).astimezone(zone).date(), today)

    return tuple(Stretch(name, tuple(those)) for name, those in groupby(lines, key=name_of))


def short_moment(moment: datetime, *, zone: ZoneInfo, at: datetime) -> str:
    """What by_days() has not said yet: "9:14 pm" of a near day, "Oct 3, 9:14 pm" in a month."""
    local = moment.astimezone(zone)
    clock = time_words(local.time().replace(second=0, microsecond=0))
    is_near = (at.astimezone(zone).date() - local.date()).days < NEAR
    return clock if is_near else f"{local:%b} {local.day}, {clock}"


def _name(day: date, today: date) -> str:
    away = (today - day).days
    if away <= 1:
        return "Yesterday" if away == 1 else "Today"
    if away < NEAR:
        return f"{day:%A}, {day:%B} {day.day}"
    return f"{day:%B}" if day.year == today.year else f"{day:%B} {day.year}"
