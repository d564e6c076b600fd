"""What of a pickup staff must act on, as alerts: nobody comes, and nobody said that they are home."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from accounts.models import AuditEvent
from alerts.models import Alert
from alerts.services import AlertCause
from alerts.states import Cause
from pickup.models import PickupLink
from timeline.levels import Level
from timeline.models import Treatment
from timeline.phases import is_late

CANT_COME, STOPPED = "escort_cant_come", "escort_stopped"
NOBODY, TAKEN_BACK = "nobody_drives", "home_safe_taken_back"


def nobody_comes(link: PickupLink, reason: str, *, at: datetime) -> AlertCause:
    """An alert of its own, each time that this escort says so. What they said is on record before."""
    said = _times(link.pk, CANT_COME, STOPPED)
    return _cause(link.treatment, Cause.RIDE, f"ride:{link.pk}:{said}", reason, at=at)


def nobody_named(treatment: Treatment, reason: str, *, at: datetime) -> AlertCause:
    """An alert of its own, each time that the patient has nobody to ask any more. That is on record before."""
    return _cause(treatment, Cause.RIDE, f"ride:{treatment.pk}:{_times(treatment.pk, NOBODY)}", reason, at=at)


def not_home(treatment: Treatment, reason: str, *, at: datetime) -> AlertCause:
    """Nobody said that the patient is home, or that was taken back: an alert of its own after each time."""
    return _cause(treatment, Cause.HOME, f"home:{treatment.pk}:{_times(treatment.pk, TAKEN_BACK)}", reason, at=at)


def was_told(treatment: Treatment) -> bool:
    """Whether staff have an alert that nobody is home, or closed one since a word of it was last taken back."""
    told = Alert.objects.filter(treatment=treatment, cause=Cause.HOME)
    back = AuditEvent.objects.filter(object=str(treatment.pk), action=TAKEN_BACK).order_by("at").last()
    return (told.exclude(closed_at__lte=back.at) if back else told).exists()


def _times(pk: UUID, *actions: str) -> int:
    return AuditEvent.objects.filter(object=str(pk), action__in=actions).count()


def _cause(treatment: Treatment, kind: Cause, source: str, reason: str, *, at: datetime) -> AlertCause:
    """For today. At night, and while the clinic is closed, nobody looks at a list: somebody on duty is told."""
    return AlertCause(
        patient=treatment.patient,
        treatment=treatment,
        kind=kind,
        source=source,
        level=Level.CALL_TODAY,
        reasons=(reason,),
        rules=(),
        tells_duty=is_late(at, ZoneInfo(treatment.zone)) or not treatment.patient.clinic.is_open(at),
    )
