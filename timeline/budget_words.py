"""How many messages are still to come, in one line: how many, when the last one comes, and when none does. No Django."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from timeline.document import QuietHours
from timeline.phases import clock_words, time_words

_NUMBERS = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten")


def budget_line(times: Sequence[datetime], quiet: QuietHours, zone: ZoneInfo, at: datetime) -> str:
    """ "Four more. The last at about 9:10 am tomorrow. None from 9 pm to 8 am."

    `times` are when messages still leave, in any order; one that is due and has not left counts as leaving now. The clock
    is that of `zone`, seen from `at`.
    """
    if not times:
        return "No more messages are planned."
    last = clock_words(max(*times, at), zone=zone, today=at)
    count = (
        f"One more, at about {last}."
        if len(times) == 1
        else f"{count_words(len(times))} more. The last at about {last}."
    )
    return f"{count} {quiet_line(quiet)}".rstrip()


def quiet_line(quiet: QuietHours) -> str:
    """ "None from 9 pm to 8 am."; "" where quiet hours begin when they end."""
    if quiet.starts_at == quiet.ends_at:
        return ""
    return f"None from {time_words(quiet.starts_at)} to {time_words(quiet.ends_at)}."


def count_words(count: int) -> str:
    """ "Four"; from 11 on "11", as it is read faster than its word."""
    return _NUMBERS[count] if count < len(_NUMBERS) else str(count)
