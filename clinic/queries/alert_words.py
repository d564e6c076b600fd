"""What an alert is called on every staff page: its level, what it is about, and how long it has waited."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from alerts.models import Alert
from alerts.states import AlertState, Cause, Closing, Tried
from timeline.levels import Level
from timeline.phases import clock_words


@dataclass(frozen=True, slots=True)
class LevelWords:
    """A level by word, icon and tone: never by colour alone."""

    key: Level
    name: str
    icon: str
    tone: str


LEVELS = {
    Level.EMERGENCY: LevelWords(Level.EMERGENCY, "Emergency", "triangle-alert", "emerg"),
    Level.CRISIS: LevelWords(Level.CRISIS, "Crisis line", "life-buoy", "urgent"),
    Level.URGENT: LevelWords(Level.URGENT, "Urgent now", "circle-alert", "urgent"),
    Level.CALL_TODAY: LevelWords(Level.CALL_TODAY, "Call today", "phone", "warn"),
}
# The worst first; what nobody is paged for is called routine, and makes no alert.
NEED = (Level.EMERGENCY, Level.CRISIS, Level.URGENT, Level.CALL_TODAY)
TRIED = {Tried.TRIED: "Tried, no answer", Tried.REACHED: "Reached the patient", Tried.OTHER: "Spoke with somebody else"}
CLOSINGS = {
    Closing.SAFE_AT_HOME: "Safe at home",
    Closing.SENT_FOR_HELP: "Sent for help",
    Closing.WITH_CLINICIAN: "With a clinician now",
    Closing.CANNOT_REACH: "Could not be reached",
    Closing.NOT_NEEDED: "Nothing was needed",
}
_CAUSES = {
    Cause.CHECK_IN: "From a check-in",
    Cause.CALL_BACK: "Asks for a call back",
    Cause.SILENCE: "No answer to our messages",
    Cause.HOME: "Not heard that they are home",
    Cause.RIDE: "Nobody to bring them home, or to stay",
    Cause.QUESTIONNAIRE: "From the two-week questions",
    Cause.TREND: "A good deal worse than before",
    Cause.REPLY: "A text that nobody has read",
    Cause.DATA: "Asks for their data to be deleted",
}

# What a stronger rule about the same answers says as well. Whole reasons, by name: the words of one may stand in another that
# means something else, or is true without them ("or").
SAID_BY = {
    "Headache": frozenset(
        {
            "Severe headache",
            "Severe headache and a pain pill did not help",
            "Headache for long, or still there next morning",
        }
    ),
    "Severe headache": frozenset({"Severe headache and a pain pill did not help"}),
    "Raised blood pressure with signs": frozenset({"Very raised blood pressure with signs"}),
    "Low blood pressure": frozenset(
        {"Low blood pressure with signs", "Low blood pressure and dizzy, still low after rest"}
    ),
    "Confused": frozenset({"Confused with other signs or nobody to stay"}),
    "Anxiety": frozenset({"Anxiety rising or late"}),
    "Thoughts of harming others": frozenset({"Thoughts of harming others now"}),
}


def level_words(alert: Alert) -> LevelWords:
    return LEVELS[Level(alert.level)]


def reasons_of(alert: Alert) -> tuple[str, ...]:
    """What was answered, in words, each said once. Where there are none, what the alert came from."""
    reasons = tuple(dict.fromkeys(str(reason) for reason in alert.reasons))
    said = tuple(reason for reason in reasons if not SAID_BY.get(reason, frozenset()) & set(reasons))
    return said or (_CAUSES[Cause(alert.cause)],)


def cause_words(alert: Alert) -> str:
    return _CAUSES[Cause(alert.cause)]


def wait_words(passed: timedelta) -> str:
    """ "under 1 min", "4 min", "1 h 20 min", "2 days": how long somebody has waited."""
    minutes = max(0, int(passed.total_seconds() // 60))
    if minutes < 60:
        return f"{minutes} min" if minutes else "under 1 min"
    hours, rest = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {rest} min" if rest else f"{hours} h"
    return f"{hours // 24} days"


def promise_words(alert: Alert, *, zone: ZoneInfo, at: datetime) -> str:
    """ "Call promised by 4:22 pm", "Call promised by 4:22 pm: 6 min late"; empty where nobody promised."""
    if alert.promised_for is None:
        return ""
    said = f"Call promised by {clock_words(alert.promised_for, zone=zone, today=at)}"
    return f"{said}: {wait_words(at - alert.promised_for)} late" if alert.promised_for < at else said


def is_promise_late(alert: Alert, at: datetime) -> bool:
    return alert.state == AlertState.TAKEN and alert.promised_for is not None and alert.promised_for < at
