"""Keeps escorts' links in step with the visit, inside the transaction that changed it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from accounts.copies import Section
from accounts.models import Patient
from pickup.kept import sections
from pickup.services import follow_hour_zero, withdraw_links
from timeline.models import Treatment
from timeline.states import TreatmentState


def on_hour_zero_set(sender: Any, *, treatment: Treatment, **_: Any) -> None:
    follow_hour_zero(treatment)


def on_treatment_stopped(sender: Any, *, treatment: Treatment, at: datetime, **_: Any) -> None:
    """A visit that does not take place needs no ride. One that ended badly still does: the link goes on."""
    if treatment.state == TreatmentState.CANCELLED:
        withdraw_links(treatment, by=None, at=at)


def on_copy_wanted(sender: Any, *, patient: Patient, at: datetime, **_: Any) -> list[Section]:
    return sections(patient, at)
