"""The only way a state column changes: one UPDATE whose WHERE holds the states that may lead there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import models


class AlreadyMoved(Exception):
    """Somebody was first. The words say who; `happened_at` says when, for the page to show on its own clock.

    `by` is the id of who it was, so that a page can tell a second tap of the same person.
    """

    def __init__(self, message: str, *, happened_at: datetime | None = None, by: UUID | None = None) -> None:
        super().__init__(message)
        self.happened_at, self.by = happened_at, by


class StateQuerySet(models.QuerySet[Any]):
    """Moves rows along the model's MOVES: {state: the states that may lead there}."""

    def move(self, *, to: Any, **values: Any) -> int:
        """How many rows moved; 0 means that somebody else was first. The update itself is the lock."""
        moves: Mapping[Any, frozenset[Any]] = self.model.MOVES
        return self.filter(state__in=moves[to]).update(state=to, **values)
