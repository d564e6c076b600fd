"""A visit as a calendar file (RFC 5545). It says when and where, and nothing of what for. No Django."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

LASTS = "PT3H"
ALARM_AT = time(18)
_LINE = 75


def visit_calendar(
    *,
    visit_id: UUID,
    begins_at: datetime,
    changed_at: datetime,
    sequence: int,
    place: str,
    sender: str,
    zone: ZoneInfo,
    at: datetime,
) -> str:
    """The whole file. `sender` is "" where the clinic's name would tell. `sequence` grows with each change of the visit.

    The alarm comes the evening before, on the clock of `zone`; a visit that is nearer has none.
    """
    lines = (
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Visits//EN",
        "CALSCALE:GREGORIAN",
        "BEGIN:VEVENT",
        f"UID:{visit_id}",
        f"SEQUENCE:{sequence}",
        f"DTSTAMP:{_stamp(changed_at)}",
        f"DTSTART:{_stamp(begins_at)}",
        f"DURATION:{LASTS}",
        f"SUMMARY:{_text(f'Appointment, {sender}' if sender else 'Appointment')}",
        *((f"LOCATION:{_text(place)}",) if place else ()),
        "CLASS:PRIVATE",
        *_alarm(begins_at, zone=zone, at=at),
        "END:VEVENT",
        "END:VCALENDAR",
    )
    return "".join(f"{folded}\r\n" for line in lines for folded in _fold(line))


def _alarm(begins_at: datetime, *, zone: ZoneInfo, at: datetime) -> tuple[str, ...]:
    day = begins_at.astimezone(zone).date() - timedelta(days=1)
    rings_at = datetime.combine(day, ALARM_AT, tzinfo=zone)
    if rings_at <= at:
        return ()
    return (
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        "DESCRIPTION:Appointment tomorrow",
        f"TRIGGER;VALUE=DATE-TIME:{_stamp(rings_at)}",
        "END:VALARM",
    )


def _stamp(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _text(words: str) -> str:
    """Escaped, on one line."""
    plain = " ".join(words.split())
    for char in ("\\", ";", ","):
        plain = plain.replace(char, f"\\{char}")
    return plain


def _fold(line: str) -> Iterator[str]:
    """At most 75 bytes a line, the rest on lines that begin with a space; no letter is cut in two."""
    piece = ""
    for char in line:
        if len((piece + char).encode()) > _LINE:
            yield piece
            piece = " "
        piece += char
    yield piece
