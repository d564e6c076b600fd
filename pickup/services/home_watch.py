"""Home safe, when nobody says it: one text to the one who drives, then an alert for today."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction

from alerts.services import raise_alert
from pickup.models import PickupLink
from pickup.services.causes import not_home, was_told
from prompts.services import text_escort
from timeline.models import Treatment
from timeline.phases import clock_words
from timeline.states import TreatmentState

log = logging.getLogger(__name__)
# docs/clinical.md: a nudge first, then people (proposal).
AFTER_NUDGE = timedelta(minutes=30)
# Nobody asks after a way home of long ago: by then other check-ins have been asked for.
LOOKS_BACK = timedelta(hours=12)


def follow_home(*, at: datetime) -> int:
    """Takes each step that is due in this clinic. Returns how many were taken."""
    return sum(_followed(treatment_id, at=at) for treatment_id in _not_home(at))


def _not_home(at: datetime) -> list[UUID]:
    """Visits that have left, and of whom nobody said that they are home."""
    left = Treatment.objects.filter(
        state=TreatmentState.DISCHARGED,
        home_safe_at=None,
        discharged_at__lte=at,
        discharged_at__gt=at - LOOKS_BACK,
    )
    return list(left.order_by("discharged_at").values_list("pk", flat=True))


def _followed(treatment_id: UUID, *, at: datetime) -> bool:
    """Trouble with one patient's holds up nobody else's."""
    try:
        with transaction.atomic():
            return _follow(treatment_id, at=at)
    except Exception:
        log.exception("A way home could not be followed", extra={"treatment": treatment_id})
        return False


def _follow(treatment_id: UUID, *, at: datetime) -> bool:
    """The visit is locked: of two who look at the same time, the second finds the step taken."""
    held = Treatment.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
    treatment = (
        held.select_related("patient__clinic", "protocol_version")
        .defer("protocol_version__content")
        .filter(pk=treatment_id, home_safe_at=None)
        .first()
    )
    if treatment is None or treatment.discharged_at is None:
        return False
    expected_at = treatment.discharged_at + timedelta(minutes=treatment.lists.home_minutes)
    if at < expected_at or was_told(treatment):
        return False
    return _nudge_or_alert(treatment, at=at)


def _nudge_or_alert(treatment: Treatment, *, at: datetime) -> bool:
    links = PickupLink.objects.filter(treatment=treatment, drives=True).select_related("escort").order_by("-made_at")
    nudged_at = max((link.nudged_at for link in links if link.nudged_at), default=None)
    if nudged_at is None:
        link = next((link for link in links if link.escort.ended_at is None), None)
        if link and text_escort(treatment, link.escort, at=at):
            PickupLink.objects.filter(pk=link.pk).update(nudged_at=at)
            return True
    elif at < nudged_at + AFTER_NUDGE:
        return False
    raise_alert(not_home(treatment, _reason(treatment, at), at=at), at=at)
    return True


def _reason(treatment: Treatment, at: datetime) -> str:
    left_at = treatment.discharged_at or at
    zone = ZoneInfo(treatment.patient.clinic.zone)
    return f"Left the clinic at {clock_words(left_at, zone=zone, today=at)}. No word yet that they are home."
