"""`python -m tests.chaos.prompt_people --n 3000 --seconds 600 --seed 1`: patients whose visits are four hours old by turns.

Each has one message, due at some moment of those seconds, in a short window; by text, by e-mail or in the app. By the clock
of all of them it is noon. Patient number 7 is C-7, +15551000007 and robin.7@example.org.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random

import django
from django.utils import timezone
from django.utils.module_loading import import_string

STEP, AFTER = "check_1", timedelta(hours=4)
SHORTEST, LONGEST = 120, 420
# By how many of ten: the ways that are open, the first of them its own.
WAYS = (*[("sms", "email")] * 5, *[("sms",)] * 2, *[("email",)] * 2, ())


def phone(place: int) -> str:
    return f"+1555{1_000_000 + place}"


def address(place: int) -> str:
    return f"robin.{place}@example.org"


def noon(at: datetime) -> str:
    """A zone in which it is about noon."""
    ahead = 12 - at.astimezone(UTC).hour
    return f"Etc/GMT{-ahead:+d}" if ahead else "Etc/GMT"


def moments(
    n: int, *, seconds: int, seed: int, longest: int = LONGEST
) -> Iterator[tuple[timedelta, timedelta, tuple[str, ...]]]:
    """For each patient: how long until it is due, how long its window is open (`longest` at most), and their ways."""
    dice = Random(f"prompts {seed}")  # noqa: S311  the same again is what it is for
    for _ in range(n):
        yield (
            timedelta(seconds=dice.uniform(0, seconds)),
            timedelta(seconds=dice.uniform(SHORTEST, longest)),
            dice.choice(WAYS),
        )


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.prompt_people", description=__doc__)
    for name in ("n", "seconds", "seed"):
        parser.add_argument(f"--{name}", type=int, required=True)
    parser.add_argument("--longest", type=int, default=LONGEST)
    told = parser.parse_args()
    os.environ["DJANGO_SETTINGS_MODULE"] = "aftercare.settings"
    django.setup()
    fill = import_string("tests.chaos.filling.fill_prompts")  # by name: models exist only now
    at = timezone.now() + timedelta(seconds=5)
    fill(list(moments(told.n, seconds=told.seconds, seed=told.seed, longest=told.longest)), at=at)
    print(at.timestamp())
    return 0


if __name__ == "__main__":
    sys.exit(main())
