"""How long a copy can be opened, and what wrong codes cost. No Django."""

from __future__ import annotations

from datetime import timedelta

# Days that a copy opens, and the one that is picked when nobody picks.
DAYS, USUAL_DAYS = (1, 7, 30), 7
# After so many wrong codes it rests for some minutes; after so many it has ended.
RESTS_AFTER, RESTS_MINUTES, ENDS_AFTER = 5, 15, 10
# From one address of the network: more than one practice may share it.
TRIES_FROM_ONE_ADDRESS, TRIES_WITHIN = 40, timedelta(minutes=10)
# The code opens the page in one browser for so long: to read it, to print it.
STAYS_OPEN = timedelta(minutes=10)
# A second tap on the button that shares: then the link and the code are made anew.
ONE_TAP = timedelta(seconds=60)


def left_words(misses: int) -> str:
    """What is said after a wrong code, `misses` of them in all."""
    left = RESTS_AFTER - misses % RESTS_AFTER
    if left == RESTS_AFTER:
        return f"That is not the code. Wait {RESTS_MINUTES} minutes. Then try again."
    return f"That is not the code. You can try {'once' if left == 1 else f'{left} times'} more."


REST_WORDS = f"There were too many wrong codes. Wait {RESTS_MINUTES} minutes. Then try again."
