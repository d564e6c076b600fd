"""The words that a journal's rows may hold."""

from __future__ import annotations

from enum import StrEnum


class EntryKind(StrEnum):
    ENTRY = "entry"
    INTENTION = "intention"  # the line written before a visit


class KeyDeed(StrEnum):
    """What was done with a patient's key."""

    MADE = "made"
    OPENED = "opened"
    DESTROYED = "destroyed"
