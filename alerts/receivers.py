"""What others tell: a text that takes an alert and a report on a page, outside any clinic's transaction; a patient's wish."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from accounts.copies import Section
from accounts.models import Escort, Patient
from alerts.kept import sections
from alerts.services import AlertCause, note_delivery, raise_alert, take_by_text, tell_reply
from alerts.states import Cause
from timeline.levels import Level


def on_text_arrived(sender: Any, *, from_number: str, body: str, at: datetime, **_: Any) -> str:
    return take_by_text(from_number, body, at)


def on_delivery_reported(sender: Any, *, key: str, provider_id: str, status: str, at: datetime, **_: Any) -> None:
    note_delivery(key=key, provider_id=provider_id, status=status, at=at)


def on_deletion_wanted(sender: Any, *, patient: Patient, at: datetime, number: int, **_: Any) -> None:
    """Inside the transaction in which the patient asked; an alert for each time. For the day: nobody is paged for it."""
    cause = AlertCause(
        patient=patient,
        treatment=None,
        kind=Cause.DATA,
        source=f"data:{patient.pk}:{number}",
        level=Level.CALL_TODAY,
        reasons=("Asked to delete what the clinic keeps.",),
        rules=(),
    )
    raise_alert(cause, at=at)


def on_reply_left(
    sender: Any, *, patient: Patient, escort: Escort | None, reply_id: int, is_danger: bool, at: datetime, **_: Any
) -> None:
    """Inside the transaction in which the words are kept."""
    tell_reply(patient, escort=escort, reply_id=reply_id, is_danger=is_danger, at=at)


def on_copy_wanted(sender: Any, *, patient: Patient, at: datetime, **_: Any) -> list[Section]:
    return sections(patient, at)
