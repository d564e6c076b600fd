"""The patient's clock has changed on the day of a visit."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from django.db import transaction

from prompts.services.planning import replan
from timeline.models import Treatment
from timeline.services import set_clock


def travel(
    treatment: Treatment,
    *,
    zone: str,
    at: datetime,
    quiet_starts_at: time | None = None,
    quiet_ends_at: time | None = None,
) -> Treatment:
    """The patient, and the visit that runs, go by this clock from now on; quiet hours stay those of the visit where none
    are named.

    What waits is planned anew: nothing moves into the new night, and what was sent, or may have been, is not sent again.
    Returns the visit as it is then; one that is over, or has no hour 0 yet, keeps its messages as they are.
    """
    clock: dict[str, Any] = {
        "zone": zone,
        "quiet_starts_at": quiet_starts_at or treatment.quiet_starts_at,
        "quiet_ends_at": quiet_ends_at or treatment.quiet_ends_at,
    }
    with transaction.atomic():
        set_clock(treatment.patient, at=at, **clock)
        replan(treatment.patient, at=at, **clock)
        treatment.refresh_from_db()
    return treatment
