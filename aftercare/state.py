"""The only way a state column changes: one UPDATE whose WHERE holds the states that may lead there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import models


class AlreadyMoved(Exception):
    """Somebody else was first. The words say who; `happened_at` says when, for the page to show in its own clock."""

    def __init__(self, message: str, *, happened_at: datetime | None = None) -> None:
        super().__init__(message)
        self.happened_at = happened_at


class StateQuerySet(models.QuerySet[Any]):
    """Moves rows along the model's MOVES: {state: the states that may lead there}."""

    def move(self, *, to: Any, **values: Any) -> int:
        """How many rows moved; 0 means that somebody else was first. The update itself is the lock."""
        moves: Mapping[Any, frozenset[Any]] = self.model.MOVES
        return self.filter(state__in=moves[to]).update(state=to, **values)
