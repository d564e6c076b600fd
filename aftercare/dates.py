"""How a day is written down where it is read long after. No Django."""

from __future__ import annotations

from datetime import date


def day_words(day: date) -> str:
    """ "Nov 3, 2026"."""
    return f"{day:%b} {day.day}, {day.year}"
