"""The words of the card for everybody at home: until when it is quiet, and a short message to pass on. No Django."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from timeline.phases import clock_words

LONGEST_MESSAGE = 300
_NAME_IN_MESSAGE = 30
LOCAL_EMERGENCY = "your local emergency number"


def until_words(moment: datetime, *, zone: ZoneInfo) -> str:
    """ "Sunday, Nov 29, about 5 pm": the day by its name, since the card is read on any day. Rounded up to the hour."""
    local = (moment + timedelta(minutes=59, seconds=59)).astimezone(zone).replace(minute=0, second=0, microsecond=0)
    # "Midnight" ends the day before, as everywhere.
    day = local - timedelta(seconds=1) if local.hour == 0 else local
    return f"{day:%A}, {day:%b} {day.day}, about {clock_words(local, zone=zone, today=day)}"


def household_message(*, name: str, until: str, sender: str, phone: str, emergency: str) -> str:
    """At most 300 characters of plain text. `phone` as it is read, "" for none; `sender` tells nothing of the visit.

    Where it would be longer the name is its first letter, then the sender is left out.
    """
    initial, text = f"{name[:1]}.", ""
    first = name if len(name) <= _NAME_IN_MESSAGE else initial
    for who, asked in ((first, f"{sender}: {phone}"), (initial, f"{sender}: {phone}"), (initial, phone)):
        ask = f" Questions? {asked}" if phone else ""
        text = _text(who, until=until, emergency=emergency or LOCAL_EMERGENCY, ask=ask)
        if len(text) <= LONGEST_MESSAGE:
            break
    return text


def _text(who: str, *, until: str, emergency: str, ask: str) -> str:
    return (
        f"{who} needs a quiet day until {until}. Low voices, dim light, water and plain food. "
        f"{who} does not drive, cook or sign things. No alcohol. "
        f"Can’t wake {who}, or hard to breathe? Call {emergency}.{ask}"
    )
