"""What comes back from the provider: a text that takes an alert, a report on a page. Outside any clinic's transaction."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from alerts.services import note_delivery, take_by_text


def on_text_arrived(sender: Any, *, from_number: str, body: str, at: datetime, **_: Any) -> str:
    return take_by_text(from_number, body, at)


def on_delivery_reported(sender: Any, *, key: str, provider_id: str, status: str, at: datetime, **_: Any) -> None:
    note_delivery(key=key, provider_id=provider_id, status=status, at=at)
