"""Words that somebody texted us, for a person to read: an alert, one for each patient while it is open."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from accounts.models import Escort, Patient
from alerts.models import Alert
from alerts.services.raising import AlertCause, raise_alert
from alerts.states import AlertState, Cause
from timeline.levels import Level
from timeline.models import Treatment
from timeline.phases import clock_words
from timeline.states import UNDER_WAY

MAY_BE_DANGER = "The words may mean danger."


def tell_reply(patient: Patient, *, escort: Escort | None, reply_id: int, is_danger: bool, at: datetime) -> Alert:
    """For today; at urgent where the words may be those of somebody in danger (docs/clinical.md, 21). None of them is in it.

    Inside the caller's transaction, which holds the patient's row: of two texts at once the second finds the alert.
    """
    told = Alert.objects.filter(patient=patient, cause=Cause.REPLY).exclude(state=AlertState.CLOSED).last()
    reason = _reason(escort, told, clock=clock_words(at, zone=ZoneInfo(patient.clinic.zone), today=at))
    under_way = Treatment.objects.filter(patient=patient, state__in=UNDER_WAY).order_by("-planned_for")
    cause = AlertCause(
        patient=patient,
        treatment=under_way.first(),
        kind=Cause.REPLY,
        source=told.source.partition("#")[0] if told else f"reply:{reply_id}",
        level=Level.URGENT if is_danger else Level.CALL_TODAY,
        reasons=(MAY_BE_DANGER, reason) if is_danger else (reason,),
        rules=(),
    )
    return raise_alert(cause, at=at)


def _reason(escort: Escort | None, told: Alert | None, *, clock: str) -> str:
    """Who texted when. Each text has a reason of its own, so that nobody closes what they have not read."""
    words = f"{escort or 'The patient'} texted at {clock}"
    before = sum(str(reason).startswith(words) for reason in told.reasons) if told else 0
    return f"{words} ({before + 1})" if before else words
