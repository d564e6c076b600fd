"""What one sealed text is made of, and how it is written down. No Django."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Self
from uuid import UUID

from journal.states import EntryKind

LONGEST_TEXT = 50_000
# Stands in the place of a text that does not open.
DAMAGED = "We can not open this one. We have kept it as it is."


@dataclass(frozen=True, slots=True)
class Words:
    """What was written; the feelings that were tapped; the question that stood above it, "" for none."""

    text: str
    feelings: tuple[str, ...] = ()
    prompt: str = ""

    @property
    def is_blank(self) -> bool:
        """Nothing written and nothing tapped. Such a text is kept when somebody took all of it out again, and never shown."""
        return not (self.text.strip() or self.feelings)

    @property
    def about(self) -> str:
        """All but the text, as it is sealed beside it; "" when there is none."""
        if not (self.feelings or self.prompt):
            return ""
        return json.dumps({"feelings": self.feelings, "prompt": self.prompt}, ensure_ascii=False)

    @classmethod
    def read(cls, text: str, about: str) -> Self:
        """Back from what was sealed."""
        told = json.loads(about) if about else {}
        return cls(text=text, feelings=tuple(told.get("feelings", ())), prompt=told.get("prompt", ""))


@dataclass(frozen=True, slots=True)
class Opened:
    """One text as it was written; `words` is None for one that can't be opened. It is kept all the same."""

    id: UUID
    kind: EntryKind
    written_at: datetime
    edited_at: datetime | None
    revision: int
    words: Words | None
