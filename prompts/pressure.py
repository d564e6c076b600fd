"""How much a provider is asked to take: less when it is slow, nothing for a while when it asks for quiet. No Django."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

# So many messages at most of one run are on their way to one provider at a time, and so few when it is slow.
FLIGHT, SMALL_FLIGHT = 20, 5
# Half of its answers take longer: then it is slow. One that does keeps nothing waiting that has not begun.
SLOW = timedelta(seconds=2)
# Where the first answers come sooner, one thread goes on with the flight: cheaper than handing it to twenty.
AT_ONCE = timedelta(milliseconds=1)
# A provider's own word holds so long at most; then one flight asks again. So long where few of a flight heard it: it may
# have been said of one number.
LONGEST_HOLD, FEW_HOLD = timedelta(minutes=5), timedelta(seconds=30)
# Of a flight so many, and half of them, are a provider's word to everybody; if it was not well, it lasts for a while.
MANY, UNWELL_LASTS = 3, timedelta(seconds=20)


def hold_for(wishes: Sequence[timedelta], *, unwell: int, of: int, is_one: bool = True) -> timedelta | None:
    """How long nothing more goes to a provider after a flight `of` so many messages; None when it may go on.

    `wishes` are what it said itself (Retry-After); `unwell` of the messages met no answer, or one that it is not well.
    Where it is not `is_one`, but several services that each may mean one phone, few wishes hold nobody else.
    """
    most = LONGEST_HOLD if _are_many(len(wishes), of) else FEW_HOLD if is_one else timedelta(0)
    longest = min(max(wishes, default=timedelta(0)), most)
    return max(longest, UNWELL_LASTS if _are_many(unwell, of) else timedelta(0)) or None


def _are_many(count: int, of: int) -> bool:
    return count >= MANY and count * 2 >= of


def next_flight(size: int, lasted: Sequence[timedelta]) -> int:
    """How many messages the next flight may have, after one of `size` whose tries lasted so long."""
    is_slow = sorted(lasted)[len(lasted) // 2] > SLOW
    return max(size // 2, SMALL_FLIGHT) if is_slow else min(size * 2, FLIGHT)
