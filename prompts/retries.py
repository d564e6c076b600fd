"""What follows a try that was not accepted: again, never, or nobody knows. No database, no Django."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from prompts.states import Outcome

# After the first, the second, the third … try. A provider's own Retry-After counts when it is longer.
BACKOFF = (timedelta(seconds=5), timedelta(seconds=20), timedelta(minutes=1), timedelta(minutes=3))
MOST_TRIES = len(BACKOFF) + 1


@dataclass(frozen=True, slots=True)
class Retry:
    """Ask again at `at`, which is inside the window."""

    at: datetime


@dataclass(frozen=True, slots=True)
class GiveUp:
    """The prompt is not sent. `reason` is for staff."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """The provider may have taken it. It is never sent again."""


def next_try(
    *, tries: int, outcome: Outcome, at: datetime, window_ends_at: datetime, retry_after: timedelta | None = None
) -> Retry | GiveUp | Unknown:
    """What to do after the try numbered `tries` (the first is 1) ended with `outcome`, which is not ACCEPTED."""
    if outcome is Outcome.ACCEPTED:
        raise ValueError("An accepted message needs no next try.")
    if outcome is Outcome.AMBIGUOUS:
        return Unknown()
    if outcome is Outcome.REFUSED:
        return GiveUp("refused by the provider")
    if tries >= MOST_TRIES:
        return GiveUp("provider busy too often")
    again_at = at + max(BACKOFF[tries - 1], retry_after or timedelta(0))
    return Retry(again_at) if again_at < window_ends_at else GiveUp("provider busy until the window ended")
