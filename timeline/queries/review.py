"""Who answers for the words that a patient reads, and since when."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from timeline.models import ProtocolVersion


def reviewed_words(version: ProtocolVersion, *, is_demo: bool, zone: ZoneInfo) -> str:
    """ "Reviewed by Ana Ruiz, Nov 3, 2026"; or that nobody did, as always in the demo."""
    if is_demo or version.signed_at is None:
        return "Not clinically reviewed"
    day = version.signed_at.astimezone(zone)
    return f"Reviewed by {version.signed_name}, {day:%b} {day.day}, {day.year}"
