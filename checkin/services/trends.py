"""Tells the clinic that the weeks go downhill: an alert for today, once for each fall, in the transaction of what showed it.

Why it came is read on every board and paper, and for good: it holds no number of a log or a questionnaire. Those stand on
the pages of the weeks, for those who treat, and those of the log for as long as the patient shares them.
"""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from accounts.models import Patient
from alerts.models import Alert
from alerts.services import AlertCause, raise_alert
from alerts.states import Cause
from checkin.models import Questionnaire
from checkin.pace import day_of
from checkin.queries.logs import standing_logs
from checkin.queries.raised import trend_source
from checkin.states import QuestionnaireKind
from checkin.trends import RISE, MoodDay, Total, mood_fall, phq_rise
from timeline.levels import Level
from timeline.queries import last_visit

MOOD_RULE, PHQ_RULE = "T1", "T2"
_FELL = "Mood in the daily log fell a good deal, on three logged days in a row"
_ROSE = f"PHQ-9 went up by {RISE} or more"


def tell_fall(patient: Patient, *, at: datetime) -> Alert | None:
    """After a log. None where the log shows no fall."""
    days = [MoodDay(day, mood) for day, mood in standing_logs(patient).values_list("day", "mood")]
    began_on = mood_fall(days)
    if began_on is None:
        return None
    return _told(patient, trend_source(patient, "mood", began_on), _FELL, MOOD_RULE, at=at)


def tell_rise(patient: Patient, *, at: datetime) -> Alert | None:
    """After a PHQ-9. None where it did not rise."""
    rows = Questionnaire.objects.filter(patient=patient, kind=QuestionnaireKind.PHQ_9).order_by("answered_at", "pk")
    if not phq_rise([Total(answered_at, total) for answered_at, total in rows.values_list("answered_at", "total")]):
        return None
    source = trend_source(patient, "phq9", day_of(at, ZoneInfo(patient.zone)))
    return _told(patient, source, _ROSE, PHQ_RULE, at=at)


def _told(patient: Patient, source: str, reason: str, rule: str, *, at: datetime) -> Alert:
    cause = AlertCause(
        patient=patient,
        treatment=last_visit(patient, at),
        kind=Cause.TREND,
        source=source,
        level=Level.CALL_TODAY,
        reasons=(reason,),
        rules=(rule,),
    )
    return raise_alert(cause, at=at)
