"""What stands out of a night, in a few words of the patient's own. No Django.

From content lines S87 and S88: read the words once more, see what stands out, take it to the next talk.
"""

from __future__ import annotations

from collections.abc import Iterable

MOST, LONGEST = 3, 60
# Words that fit many nights. They say nothing of how somebody is, and none is better than another.
OFFERED = ("Family", "Friends", "Love", "Loss", "Home", "Work", "My body", "Rest", "The past", "What comes next")


def offered(tapped: Iterable[str]) -> tuple[str, ...]:
    """The words to pick from: the feelings of that night first, as they came, then the usual ones. Each once."""
    return tuple(dict.fromkeys([*tapped, *OFFERED]))


def split(kept: Iterable[str], choices: Iterable[str]) -> tuple[list[str], list[str]]:
    """What is kept, in two: what can be picked among the choices, and what was written."""
    known = set(choices)
    found = list(kept)
    return [each for each in found if each in known], [each for each in found if each not in known]


def join(themes: Iterable[str]) -> str:
    """As they are sealed: a line each."""
    return "\n".join(themes)


def read(text: str) -> tuple[str, ...]:
    """Back from what was sealed."""
    return tuple(line for line in text.split("\n") if line)
