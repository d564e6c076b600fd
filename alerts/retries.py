"""What follows a page that the provider did not take: again with the same key, by another channel, or never. Plain Python.

A page is sent at least once: an answer that nobody understands counts as not taken (docs/security.md, 7.2).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from alerts.states import NoticeChannel
from prompts.states import Outcome

# After the first, the second, … try; after all later ones, the last.
BACKOFF = tuple(timedelta(seconds=seconds) for seconds in (2, 4, 8, 15, 30))
LONGEST_WAIT = timedelta(seconds=30)
MOST_TRIES = 8
OTHER_CHANNEL_AFTER = 2
REFUSED = "refused by the provider"


@dataclass(frozen=True, slots=True)
class Failed:
    """What to do now: again after `again_in`, or never (None) for `reason`; the other channel too, and the next step too."""

    again_in: timedelta | None
    reason: str = ""
    tries_other_channel: bool = False
    hurries_next_step: bool = False


def after_failure(*, tries: int, outcome: Outcome, retry_after: timedelta | None = None) -> Failed:
    """After the try numbered `tries` (the first is 1) ended with `outcome`, which is not ACCEPTED.

    The provider's own Retry-After counts when it is longer, up to 30 seconds: nobody waits longer with a red alert.
    """
    if outcome is Outcome.ACCEPTED:
        raise ValueError("An accepted page needs no next try.")
    if outcome is Outcome.REFUSED:
        return Failed(None, REFUSED, tries_other_channel=True, hurries_next_step=True)
    if tries >= MOST_TRIES:
        # A provider that is away comes back: what is red is never given up, and the next step no longer waits for it.
        return Failed(LONGEST_WAIT, tries_other_channel=True, hurries_next_step=True)
    pause = BACKOFF[min(tries, len(BACKOFF)) - 1]
    asked = min(retry_after or timedelta(0), LONGEST_WAIT)
    return Failed(max(pause, asked), tries_other_channel=tries >= OTHER_CHANNEL_AFTER)


def other(channel: NoticeChannel) -> NoticeChannel:
    """Voice for a text, a text for a call."""
    return NoticeChannel.VOICE if channel is NoticeChannel.SMS else NoticeChannel.SMS
