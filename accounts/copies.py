"""What a patient's copy of their own data is made of. Each app fills in what it keeps: see accounts.signals.copy_wanted."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Section:
    """One kind of row. `rows` are plain values that JSON knows; each key is a word that a reader understands.

    `about` says in a line what it is. `order` puts sections in their place on the page, small first.
    """

    name: str
    title: str
    about: str
    rows: list[dict[str, Any]] = field(default_factory=list)
    order: int = 50
