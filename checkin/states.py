"""The words that a check-in's rows may hold, and which state may lead where."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class CheckInState(StrEnum):
    OPEN = "open"
    DONE = "done"
    STOPPED = "stopped"


CHECK_IN_MOVES: Mapping[CheckInState, frozenset[CheckInState]] = {
    # Stopped on purpose or left open too long: the next answer takes it up again.
    CheckInState.OPEN: frozenset({CheckInState.STOPPED, CheckInState.DONE}),
    CheckInState.DONE: frozenset({CheckInState.OPEN, CheckInState.STOPPED}),
    CheckInState.STOPPED: frozenset({CheckInState.OPEN}),
}


class Moment(StrEnum):
    """What a check-in was for: a word of the patient's own, or a time of the plan. Silence at WATCHED climbs."""

    NOW = "now"
    SCHEDULED = "scheduled"
    HOME = "home"
    BEDTIME = "bedtime"
    MORNING = "morning"
    LOG = "log"  # after a low day of the log: the direct question alone


WATCHED = (Moment.HOME, Moment.BEDTIME, Moment.MORNING)


class AnsweredBy(StrEnum):
    PATIENT = "patient"
    ESCORT = "escort"
    STAFF = "staff"


class SilentStage(StrEnum):
    """How far nobody's answer has climbed: the patient, the one who stays, staff."""

    NUDGE = "nudge"
    ESCORT = "escort"
    STAFF = "staff"


class QuestionnaireKind(StrEnum):
    """The validated ones that need no permission (docs/clinical.md). Their wording is never changed."""

    PHQ_9 = "phq9"
    GAD_7 = "gad7"
    PHQ_2 = "phq2"
    GAD_2 = "gad2"


class LogPace(StrEnum):
    """How often the daily log is asked for. PLAN: daily for 14 days after a visit, then weekly (docs/clinical.md)."""

    PLAN = "plan"
    DAILY = "daily"
    WEEKLY = "weekly"
    OFF = "off"


# How often, as the patient reads it.
PACES: Mapping[LogPace, str] = {
    LogPace.PLAN: "As planned",
    LogPace.DAILY: "Each day",
    LogPace.WEEKLY: "Once a week",
    LogPace.OFF: "Only when I want to",
}
