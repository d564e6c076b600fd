"""What follows a try that was not accepted: again, by the next way, never, or nobody knows. No database, no Django."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from prompts.routes import IN_APP
from prompts.states import Outcome

# After the first, the second, the third … try. A provider's own Retry-After counts when it is longer. With no other way
# out than this one, the last goes on until the window ends.
BACKOFF = (timedelta(seconds=5), timedelta(seconds=20), timedelta(minutes=1), timedelta(minutes=3))
MOST_TRIES = len(BACKOFF) + 1
# The end of a window belongs to the next way: time for its own try, however slow its provider is.
FOR_NEXT_WAY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Retry:
    """Ask again at `at`, which is inside the window."""

    at: datetime


@dataclass(frozen=True, slots=True)
class NextWay:
    """By this way now: the one before certainly did not take it."""

    way: str


@dataclass(frozen=True, slots=True)
class TooLate:
    """It was not taken, and its window is over."""


@dataclass(frozen=True, slots=True)
class GiveUp:
    """The prompt is not sent. `reason` is for staff."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """The provider may have taken it. It is never sent again."""


def next_try(
    *,
    tries: int,
    outcome: Outcome,
    at: datetime,
    window_ends_at: datetime,
    retry_after: timedelta | None = None,
    others: Sequence[str] = (),
) -> Retry | NextWay | TooLate | GiveUp | Unknown:
    """What to do after the try numbered `tries` by this way (the first is 1) ended with `outcome`, which is not ACCEPTED.

    `others` are the ways that it may take next, in order; without one it ends with this way. What may have been taken
    never goes on.
    """
    if outcome is Outcome.ACCEPTED:
        raise ValueError("An accepted message needs no next try.")
    if outcome is Outcome.AMBIGUOUS:
        return Unknown()
    reason = "refused by the provider"
    if outcome is Outcome.NOT_ACCEPTED:
        again_at = at + max(BACKOFF[min(tries, len(BACKOFF)) - 1], retry_after or timedelta(0))
        is_often = tries >= MOST_TRIES and any(way != IN_APP for way in others)
        if not is_often and again_at < window_ends_at - (FOR_NEXT_WAY if others else timedelta(0)):
            return Retry(again_at)
        reason = "provider busy until the window ended"
    if not others:
        return GiveUp(reason)
    return NextWay(others[0]) if at < window_ends_at else TooLate()
