"""What of a pickup staff must act on, as alerts: nobody comes, and nobody said that they are home."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from accounts.models import AuditEvent
from alerts.services import AlertCause
from alerts.states import Cause
from pickup.models import PickupLink
from timeline.levels import Level
from timeline.models import Treatment
from timeline.phases import is_late

CANT_COME = "escort_cant_come"


def nobody_comes(link: PickupLink, reason: str, *, at: datetime) -> AlertCause:
    """An alert of its own, each time that this escort says so."""
    said = AuditEvent.objects.filter(object=str(link.pk), action=CANT_COME).count()
    return _cause(link.treatment, Cause.RIDE, f"ride:{link.pk}:{said}", reason, at=at)


def nobody_named(treatment: Treatment, reason: str, *, at: datetime) -> AlertCause:
    """One a visit: the patient has nobody to ask."""
    return _cause(treatment, Cause.RIDE, f"ride:{treatment.pk}", reason, at=at)


def not_home(treatment: Treatment, reason: str, *, at: datetime) -> AlertCause:
    """One a visit: nobody said that the patient is home."""
    return _cause(treatment, Cause.HOME, f"home:{treatment.pk}", reason, at=at)


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
