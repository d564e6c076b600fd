"""What a patient's copy of their own data is made of, and how it is written down. Each app fills in what it keeps:
see accounts.signals.copy_wanted."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from aftercare.dates import day_words


@dataclass(frozen=True, slots=True)
class Section:
    """One kind of row. In `rows` each key is a word that a reader understands; what is not known is None.

    A value is a text, a number, yes or no, a date, a time or a moment in UTC, a list of texts, or a list of such rows.
    `about` says in a line what it is. `order` puts sections in their place on the page, small first. `is_missing`: what
    belongs here could not be read now, and `about` says so.
    """

    name: str
    title: str
    about: str
    rows: list[dict[str, Any]] = field(default_factory=list)
    order: int = 50
    is_missing: bool = False


@dataclass(frozen=True, slots=True)
class Copy:
    """All that is kept of one patient, section by section, as it was at one moment."""

    made_at: datetime
    zone: str
    sections: tuple[Section, ...]

    @property
    def file_name(self) -> str:
        """Without its ending: it tells the day alone, by the patient's clock."""
        return f"my-copy-{self.made_at.astimezone(ZoneInfo(self.zone)):%Y-%m-%d}"

    @property
    def missing(self) -> tuple[Section, ...]:
        return tuple(section for section in self.sections if section.is_missing)


def put_together(answers: Iterable[Sequence[Section] | None], *, made_at: datetime, zone: str) -> Copy:
    """From what each app answered."""
    sections = sorted((section for answer in answers for section in answer or ()), key=lambda each: each.order)
    return Copy(made_at=made_at, zone=zone, sections=tuple(sections))


def as_json(copy: Copy) -> str:
    """For a machine: moments as ISO 8601 in UTC."""
    told = {
        "made_at": copy.made_at,
        "zone": copy.zone,
        "sections": {
            section.name: {
                "title": section.title,
                "about": section.about,
                "is_missing": section.is_missing,
                "rows": section.rows,
            }
            for section in copy.sections
        },
    }
    return json.dumps(told, ensure_ascii=False, indent=2, default=lambda value: value.isoformat())


@dataclass(frozen=True, slots=True)
class Said:
    """One value as a person reads it: a name, and one text or several below each other."""

    name: str
    texts: tuple[str, ...]


def as_read(section: Section, *, zone: ZoneInfo) -> list[list[Said]]:
    """The rows for a person: what is not known is left out, moments stand on the clock of `zone`."""
    said = [
        [Said(name, _texts(value, zone)) for name, value in row.items() if value is not None] for row in section.rows
    ]
    return [[each for each in row if any(each.texts)] for row in said]


def _texts(value: Any, zone: ZoneInfo) -> tuple[str, ...]:
    if not isinstance(value, list | tuple):
        return (_text(value, zone),)
    return tuple(
        ". ".join(_text(part, zone) for part in each.values() if part is not None)
        if isinstance(each, dict)
        else _text(each, zone)
        for each in value
    )


def _text(value: Any, zone: ZoneInfo) -> str:
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, datetime):
        return moment_words(value, zone)
    if isinstance(value, date):
        return day_words(value)
    return _clock(value) if isinstance(value, time) else str(value)


def moment_words(moment: datetime, zone: ZoneInfo) -> str:
    """ "Nov 24, 2026, 9:14 pm": it is read long after."""
    local = moment.astimezone(zone)
    return f"{day_words(local.date())}, {_clock(local.time())}"


def _clock(moment: time) -> str:
    return f"{moment.hour % 12 or 12}:{moment.minute:02} {'am' if moment.hour < 12 else 'pm'}"
