"""One page that somebody else may be shown: a text, or what a patient chose for a talk. No Django."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from math import ceil
from typing import Literal, Self
from zoneinfo import ZoneInfo

from timeline.phases import time_words

PartKind = Literal["themes", "entry", "line", "question"]
# What one printed sheet of A4 or Letter holds, in lines of so many letters (tests/journeys prints one at its longest).
MOST_LINES, LINE = 44, 84
# A heading takes a line and the space around it.
_HEADING = 3
# From here on a sign is as wide as two letters, and so are capitals and the widest small ones, near enough.
_WIDE, _BROAD = 0x2E80, frozenset("mw@%&ЖШЩЮжшщюфы")


@dataclass(frozen=True, slots=True)
class Part:
    """One thing on the page. `entry` is the id of the text that it is from, and `is_whole` whether all of it stands here."""

    kind: PartKind
    text: str
    heading: str = ""
    entry: str = ""
    is_whole: bool = True


@dataclass(frozen=True, slots=True)
class OnePage:
    """The page in its order. `written` says when, in words of the clock of `zone`, which is the patient's."""

    parts: tuple[Part, ...]
    written: str
    zone: str

    def dump(self) -> str:
        """As it is sealed."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def read(cls, sealed: str) -> Self:
        """Back from what was sealed."""
        told = json.loads(sealed)
        parts = tuple(Part(**part) for part in told.pop("parts"))
        return cls(parts=parts, **told)

    @property
    def plain(self) -> str:
        """In words alone, a blank line between parts."""
        return "\n\n".join(f"{part.heading}\n{part.text}".strip("\n") for part in self.parts)

    def part(self, kind: PartKind, entry: str = "") -> Part | None:
        return next((part for part in self.parts if part.kind == kind and part.entry == entry), None)

    def without(self, entry: str, *, line: bool = False) -> Self:
        """Without what is from this text; and, for `line`, without the line from before, whichever it is."""
        left = (part for part in self.parts if part.entry != entry and not (line and part.kind == "line"))
        return replace(self, parts=tuple(left))


def fits_one_sheet(parts: Iterable[Part]) -> bool:
    """Whether the parts fit on one printed sheet, with room to spare."""
    return sum(_HEADING + lines_of(part.text) for part in parts) <= MOST_LINES


def lines_of(text: str) -> int:
    """How many printed lines a text takes, about."""
    return sum(max(1, ceil(_width(line) / LINE)) for line in text.splitlines() or [""])


def date_words(moment: datetime, zone: ZoneInfo, *, with_year: bool = True) -> str:
    """ "Friday, November 27, 2026, 9:14 pm": for a reader of another day, so it never says "yesterday"."""
    local = moment.astimezone(zone)
    year = f", {local.year}" if with_year else ""
    return f"{local:%A}, {local:%B} {local.day}{year}, {time_words(local.time())}"


def _width(line: str) -> float:
    return sum(2 if ord(sign) >= _WIDE else 1.6 if sign in _BROAD or sign.isupper() else 1 for sign in line)
