"""The states of an alert and of a notice, and which may lead where."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum, StrEnum


class AlertState(StrEnum):
    OPEN = "open"
    TAKEN = "taken"
    CLOSED = "closed"


ALERT_MOVES: Mapping[AlertState, frozenset[AlertState]] = {
    # A worse answer, or a person who hands it back, opens it again.
    AlertState.OPEN: frozenset({AlertState.TAKEN}),
    AlertState.TAKEN: frozenset({AlertState.OPEN}),
    AlertState.CLOSED: frozenset({AlertState.OPEN, AlertState.TAKEN}),
}


class NoticeState(IntEnum):
    WAITING = 0
    SENT = 1
    CANCELLED = 2
    FAILED = 3


NOTICE_MOVES: Mapping[NoticeState, frozenset[NoticeState]] = {
    NoticeState.WAITING: frozenset(),
    NoticeState.SENT: frozenset({NoticeState.WAITING}),
    NoticeState.CANCELLED: frozenset({NoticeState.WAITING}),
    NoticeState.FAILED: frozenset({NoticeState.WAITING}),
}


class NoticeChannel(StrEnum):
    SMS = "sms"
    VOICE = "voice"


class Cause(StrEnum):
    """What an alert came from."""

    CHECK_IN = "check_in"
    CALL_BACK = "call_back"
    SILENCE = "silence"
    HOME = "home"  # nobody said that the patient is home
    RIDE = "ride"  # who was to drive or stay says that no, or nobody was found
    QUESTIONNAIRE = "questions"
    TREND = "trend"  # the daily log, or the two-week questions, got a good deal worse
    REPLY = "reply"  # texted us, and nobody has read it
    DATA = "data"  # wants what is kept of them taken away


class Tried(StrEnum):
    """What came of a call to the patient."""

    TRIED = "tried"
    REACHED = "reached"
    OTHER = "other"


class Closing(StrEnum):
    """Why an alert is closed."""

    SAFE_AT_HOME = "safe_at_home"
    SENT_FOR_HELP = "sent_for_help"
    WITH_CLINICIAN = "with_clinician"
    CANNOT_REACH = "cannot_reach"
    NOT_NEEDED = "not_needed"
