"""Which saving of a text stands, when two pages, or two tries of one, come in any order. No Django.

Each open page is a writer with a random id and counts its savings up. It also tells which revision it was opened with.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

Place = Literal["new", "over", "old", "beside"]


@dataclass(frozen=True, slots=True)
class Saving:
    """What a page sends along: which page, its how manieth saving, and the revision that it was opened with (0: a new text)."""

    writer: UUID
    number: int
    seen: int = 0


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of a text: who wrote it last, with which saving, and how often it was written in all."""

    writer: UUID | None
    number: int
    revision: int


def place_of(saving: Saving, kept: Kept | None) -> Place:
    """Where a saving goes. No text is ever written over by a page that has not seen it.

    "new": nothing is kept yet. "over": it takes the place of what is kept. "old": the same page has saved a later one
    already, this one came late. "beside": another page wrote meanwhile, so both are kept.
    A saving with the number of the kept one is the same one once more, or the same page gone back to without scripts.
    """
    if kept is None:
        return "new"
    if saving.writer == kept.writer:
        return "over" if saving.number >= kept.number else "old"
    return "over" if saving.seen == kept.revision else "beside"
