"""`python -m tests.bench prompts | grows | plan | correct | lateness`: what the engine of prompts costs. Prints one line of JSON.

Servers of its own, on loopback, in a temporary folder. Everything is a ratio of things measured in the same run, by turns.
With --check it ends with 1 when a goal was missed.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import time
from typing import Any

import django
from django.utils.module_loading import import_string

from aftercare.processes import StackError
from tests.bench.goals import missed
from tests.bench.ground import facts_of, own_ground
from tests.bench.told import Told

# Rows, due rows and rounds of a run that takes a few minutes.
SIZES = {
    "prompts": (100_000, 10_000, 3),
    "grows": (1_000_000, 5_000, 1),
    "plan": (100_000, 100_000, 60),
    "correct": (200_000, 20_000, 30),
    "lateness": (20_000, 1_000, 1),
}
# As many as those goals were set with.
PEERS_K = 10_000
# A round of peers takes minutes.
PEERS_ROUNDS = 2
LONGEST_OFF = 600


def told(arguments: list[str]) -> tuple[str, Told, argparse.Namespace]:
    parser = argparse.ArgumentParser(prog="manage.py bench", description=__doc__)
    parser.add_argument("what", choices=SIZES)
    parser.add_argument("--n", type=int, help="rows in the table")
    parser.add_argument("--k", type=int, help="rows that are due; of plan, rows of the bulk")
    parser.add_argument("--rounds", type=int, help="how often, by turns")
    parser.add_argument("--clinics", type=int, default=2)
    parser.add_argument("--peers", action="store_true", help="of prompts: other systems in place of the plain loops")
    parser.add_argument("--peers-k", type=int, help=f"rows that are due then: {PEERS_K} or all")
    parser.add_argument("--no-faults", action="store_true", help="of lateness: leave the kills out")
    parser.add_argument("--off", type=float, default=120, help="of lateness: for how many seconds Valkey is off (120)")
    parser.add_argument("--check", action="store_true", help="end with 1 when a goal was missed")
    parser.add_argument("--keep", action="store_true", help="leave the folder with the log for a look")
    found = parser.parse_args(arguments)
    n, k, rounds = SIZES[found.what]
    sizes = Told(
        n=found.n or n,
        k=found.k or k,
        rounds=found.rounds or (PEERS_ROUNDS if found.peers else rounds),
        clinics=found.clinics,
        peers_k=found.peers_k or min(PEERS_K, found.n or n),
        faults=not found.no_faults,
        off=found.off,
    )
    is_more_than_all = max(sizes.k, sizes.peers_k) > sizes.n and found.what != "plan"
    if is_more_than_all or min(sizes.n, sizes.k, sizes.peers_k, sizes.rounds, sizes.clinics) < 1:
        parser.error("there are at most as many due rows as rows, and one of each at least")
    if not 0 < found.off <= LONGEST_OFF:
        parser.error(f"--off is at most {LONGEST_OFF} s")
    if found.peers and found.what != "prompts":
        parser.error("--peers is of prompts")
    return found.what, sizes, found


def main() -> int:
    what, sizes, options = told(sys.argv[1:])
    began, load_before = time.monotonic(), os.getloadavg()
    try:
        with own_ground(keeps=options.keep) as ground:
            os.environ.update(ground.env, DJANGO_SETTINGS_MODULE="aftercare.settings")
            django.setup()
            module = "beside" if options.peers else what
            measure = import_string(f"tests.bench.{module}.measure")  # by name: models exist only now
            found: dict[str, Any] = measure(ground, sizes)
            found = {"bench": what, **found, **facts_of(ground, load_before)}
    except (StackError, KeyboardInterrupt) as error:
        sys.stderr.write(f"{str(error) or 'interrupted'}\n")
        return 2
    found |= {"seconds": round(time.monotonic() - began, 1), "missed": missed(found["goals"])}
    print(json.dumps(found))
    return int(options.check and bool(found["missed"]))


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    for each in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, _interrupt)
    sys.exit(main())
