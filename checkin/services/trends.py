"""Tells the clinic that the weeks go downhill: an alert for today, once for each fall, in the transaction of what showed it."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from accounts.models import Patient
from accounts.services import has_agreed
from accounts.states import ConsentKind
from alerts.models import Alert
from alerts.services import AlertCause, raise_alert
from alerts.states import Cause
from checkin.models import Questionnaire
from checkin.pace import day_of
from checkin.queries.logs import last_visit, standing_logs
from checkin.queries.raised import trend_source
from checkin.states import QuestionnaireKind
from checkin.trends import Fall, MoodDay, Total, mood_fall, phq_rise
from timeline.levels import Level

MOOD_RULE, PHQ_RULE = "T1", "T2"


def tell_fall(patient: Patient, *, at: datetime) -> Alert | None:
    """After a log. None where the log shows no fall."""
    days = [MoodDay(day, mood) for day, mood in standing_logs(patient).values_list("day", "mood")]
    fall = mood_fall(days)
    if fall is None:
        return None
    source = trend_source(patient, "mood", fall.began_on)
    return _told(patient, source, fall_words(fall, patient), MOOD_RULE, at=at)


def fall_words(fall: Fall, patient: Patient) -> str:
    """For staff. The numbers of the log are for those whom the patient shows it to; that it fell is said to all of them."""
    if not has_agreed(ConsentKind.CHARTS, patient=patient):
        return f"Mood in the daily log fell a good deal, {len(fall.moods)} logged days in a row"
    *first, last = fall.moods
    moods = f"{', '.join(map(str, first))} and {last}"
    return f"Mood in the daily log: {moods} of 10 on {len(fall.moods)} days in a row, about {fall.before:.0f} before"


def tell_rise(patient: Patient, *, at: datetime) -> Alert | None:
    """After a PHQ-9. None where it did not rise. Its sums are on the patient's page anyway, so they are said here too."""
    rows = Questionnaire.objects.filter(patient=patient, kind=QuestionnaireKind.PHQ_9).order_by("answered_at", "pk")
    rise = phq_rise([Total(answered_at, total) for answered_at, total in rows.values_list("answered_at", "total")])
    if rise is None:
        return None
    source = trend_source(patient, "phq9", day_of(at, ZoneInfo(patient.zone)))
    return _told(patient, source, f"PHQ-9 went up from {rise.before} to {rise.now} of 27", PHQ_RULE, at=at)


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
