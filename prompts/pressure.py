"""How much a provider is asked to take: less when it is slow, nothing for a while when it asks for quiet. No Django."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

# So many messages at most are on their way to one provider at a time, and so few when it is slow.
FLIGHT, SMALL_FLIGHT = 20, 5
# Half of its answers take longer: then it is slow.
SLOW = timedelta(seconds=2)
# A provider's own word holds so long at most; then one flight asks again.
LONGEST_HOLD = timedelta(minutes=5)
# Of a flight so many, and half of them, came to no provider that is well: nobody asks it for a while.
MANY, UNWELL_LASTS = 3, timedelta(seconds=20)


def hold_for(wishes: Sequence[timedelta], *, unwell: int, of: int) -> timedelta | None:
    """How long nothing more goes to a provider after a flight `of` so many messages; None when it may go on.

    `wishes` are what it said itself (Retry-After); `unwell` of the messages met no answer, or one that it is not well.
    """
    is_away = unwell >= MANY and unwell * 2 >= of
    longest = max([*wishes, UNWELL_LASTS if is_away else timedelta(0)])
    return min(longest, LONGEST_HOLD) or None


def next_flight(size: int, lasted: Sequence[timedelta]) -> int:
    """How many messages the next flight may have, after one of `size` whose tries lasted so long."""
    is_slow = sorted(lasted)[len(lasted) // 2] > SLOW
    return max(size // 2, SMALL_FLIGHT) if is_slow else min(size * 2, FLIGHT)


def holds_up(lasted: Sequence[timedelta]) -> bool:
    """Whether one try of a flight kept the others waiting: whoever flies may take what it holds itself."""
    return max(lasted) > SLOW
