"""`python -m tests.chaos.prompt_acts --n 3000 --seconds 600 --seed 1`: STOPs, ends of visits and corrections of hour 0.

A few a second, each to a patient of its own, tried until it is committed. A line of JSON for each, once it is.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Iterator
from random import Random

import django
from django.utils.module_loading import import_string

# Of a hundred patients, with how many something happens.
SHARE = 12
KINDS = ("stop", "visit", "correct", "correct")


def acts(n: int, *, seconds: int, seed: int) -> Iterator[tuple[float, int, str, int]]:
    """How long after the beginning, to which patient, what, and by how many seconds hour 0 moves; in order of time."""
    dice = Random(f"acts {seed}")  # noqa: S311  the same again is what it is for
    places = dice.sample(range(n), k=n * SHARE // 100)
    drawn = [(dice.uniform(0, seconds), place, dice.choice(KINDS), dice.randint(-150, 150)) for place in places]
    yield from sorted(drawn)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.prompt_acts", description=__doc__)
    for name in ("n", "seconds", "seed"):
        parser.add_argument(f"--{name}", type=int, required=True)
    told = parser.parse_args()
    os.environ["DJANGO_SETTINGS_MODULE"] = "aftercare.settings"
    django.setup()
    act = import_string("tests.chaos.acting.act")  # by name: models exist only now
    began = time.monotonic()
    for after, place, kind, by in acts(told.n, seconds=told.seconds, seed=told.seed):
        time.sleep(max(began + after - time.monotonic(), 0))
        act(place, kind, by)
        print(json.dumps([place, kind, time.time()]), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
