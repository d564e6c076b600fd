"""`python -m tests.journal.rewrap --n 10000`: wraps so many keys anew while people write and read by the real pages.

On loopback, on a data folder of its own. One line of JSON; 1 when a request failed, or a key is left under the old one.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
import time

import django
from django.utils.module_loading import import_string

from aftercare.processes import StackError
from tests.chaos.stage import Stage
from tests.journal.pages import WordsLoad
from tests.journal.rings import OLD, ROTATING

MOST, PHONES = 50_000, 4


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.journal.rewrap", description=__doc__)
    parser.add_argument("--n", type=int, default=10_000, help="keys")
    told = parser.parse_args()
    if not 0 < told.n <= MOST:
        parser.error(f"--n is 1 to {MOST}")
    # The ring as step 2 of docs/journal-keys.md leaves it: the new key first, the old one beside it.
    stage = Stage(has_valkey=False, senders=0, env={"JOURNAL_KEYS": ROTATING})
    try:
        stage.start_stores()
        stage.start_apps()
        os.environ |= stage.env | {"DJANGO_SETTINGS_MODULE": "aftercare.settings"}
        django.setup()
        fill = import_string("tests.journal.many_keys.fill")  # by name: models exist only now
        found = measure(stage, fill(keys=told.n, phones=PHONES, ring=OLD))
    finally:
        stage.stop()
    print(json.dumps({"keys": told.n, **found}))
    return 1 if found["errors"] or found["left"] else 0


def measure(stage: Stage, sessions: list[str]) -> dict[str, object]:
    load = WordsLoad(stage.port, sessions)
    time.sleep(2)
    before, began = load.seen.requests, time.monotonic()
    said = stage.ask("manage.py", "journal_keys", "rewrap")
    seconds = time.monotonic() - began
    during = load.seen.requests - before
    time.sleep(2)
    seen = load.stop()
    return {
        "wrapped_anew": int(said.split()[0]),
        "seconds": round(seconds, 1),
        "requests": seen.requests,
        "requests_meanwhile": during,
        "slowest_ms": round(seen.slowest * 1000),
        "errors": len(seen.wrong),
        "wrong": sorted(set(seen.wrong)),
        "left": left(stage),
    }


def left(stage: Stage) -> int:
    """Keys under another than the current one, as `status` counts them."""
    try:
        said = stage.ask("manage.py", "journal_keys", "status")
    except StackError as error:
        said = str(error)
    counts = re.findall(r"^(?!.*: current;).* wraps (\d+) keys of patients, (\d+) of shares", said, re.MULTILINE)
    return sum(int(number) for pair in counts for number in pair)


if __name__ == "__main__":
    sys.exit(main())
