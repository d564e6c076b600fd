"""The few words for how it feels that one tap adds. Never a scale, never a score. No Django."""

from __future__ import annotations

FEELINGS = ("Tender", "Calm", "Light", "Open", "Sad", "Tired", "Scared", "Not sure")
