"""The states of a prompt and how a try to send it may end. Numbers, since a partial index and the hot path read them."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum, StrEnum


class PromptState(IntEnum):
    WAITING = 0
    SENT = 1
    CANCELLED = 2
    FAILED = 3
    SKIPPED = 4
    UNKNOWN = 5


# state: the states that may lead there
MOVES: Mapping[PromptState, frozenset[PromptState]] = {
    PromptState.WAITING: frozenset({PromptState.CANCELLED, PromptState.SKIPPED}),
    PromptState.SENT: frozenset({PromptState.WAITING}),
    PromptState.CANCELLED: frozenset({PromptState.WAITING}),
    PromptState.FAILED: frozenset({PromptState.WAITING}),
    PromptState.SKIPPED: frozenset({PromptState.WAITING}),
    PromptState.UNKNOWN: frozenset({PromptState.WAITING}),
}


class Reason(StrEnum):
    """Why a prompt left the plan."""

    NOT_IN_PLAN = "not in the plan"
    FEWER = "fewer"  # the patient wants fewer: tips are left out
    PAUSED = "paused"  # the patient paused messages, and it did not fit in after that
    ALREADY_DONE = "already done"  # they had a drink, or rested: the next tip is not needed, and comes in no later plan
    WITHDRAWN = "consent taken back"  # to the app, by the patient: until they say yes anew


# What has left, or is leaving, has one of these as a mark: it goes on by no next try and no next way.
GOES_NO_FURTHER = (Reason.ALREADY_DONE, Reason.WITHDRAWN)


class Outcome(StrEnum):
    """What a provider did with one try."""

    ACCEPTED = "accepted"
    NOT_ACCEPTED = "not_accepted"  # certainly not taken: it is safe to ask again
    REFUSED = "refused"  # certainly not taken, and never will be
    AMBIGUOUS = "ambiguous"  # taken or not: nobody knows


class ReplyKind(StrEnum):
    """What somebody meant who texted us."""

    STOP = "stop"
    START = "start"
    HELP = "help"
    OTHER = "other"  # words that a person has to read


class Report(StrEnum):
    """What the provider says later of a text or a call that it accepted."""

    SENT = "sent"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    FAILED = "failed"
    ANSWERED = "answered"  # by somebody, or by a machine
    COMPLETED = "completed"
    BUSY = "busy"
    NO_ANSWER = "no-answer"


# What a text or an e-mail that certainly did not arrive is reported as.
LOST = (Report.UNDELIVERED, Report.FAILED)
