"""`python -m tests.pickup.timing`: how long a link takes that opens nothing, by why it opens nothing. Prints one JSON line.

Each try is what a browser does: the address of the link, then the page that it leads to, in a session of its own, through the
whole app on a real database. The kinds take turns, so that a slow moment of the machine is everybody's. Ends with 1 when two
medians differ by 5 ms or more.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import statistics
import sys
import time

import django
from django.core.management import call_command
from django.db import connections
from django.utils.module_loading import import_string

from tests.services import Services

LIMIT_MS = 5.0
KINDS = ("guessed", "expired", "revoked", "withdrawn")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.pickup.timing", description=__doc__)
    parser.add_argument("--n", type=int, default=1000)
    told = parser.parse_args()
    services = Services()
    try:
        services.announce()
        os.environ["DJANGO_SETTINGS_MODULE"] = "aftercare.settings"
        services.start_postgres()
        django.setup()
        logging.disable(logging.CRITICAL)
        call_command("setup_roles", verbosity=0)
        call_command("migrate", verbosity=0, interactive=False)
        connections.close_all()
        medians = measure(told.n)
    finally:
        connections.close_all()
        services.stop()
    spread = max(medians.values()) - min(medians.values())
    print(json.dumps({"n": told.n, "median_ms": medians, "spread_ms": round(spread, 3), "limit_ms": LIMIT_MS}))
    return int(spread >= LIMIT_MS)


def measure(n: int) -> dict[str, float]:
    """The median in milliseconds of each kind, over n tries."""
    # By name: they need the settings.
    client = import_string("django.test.Client")
    paths: dict[str, str] = import_string("tests.pickup.ended.ended_paths")()
    took: dict[str, list[float]] = {kind: [] for kind in KINDS}
    for _ in range(n + 10):
        for kind in KINDS:
            browser = client()
            began = time.perf_counter()
            assert browser.get(paths[kind]).status_code == 303
            assert browser.get("/pickup/").status_code == 410
            took[kind].append((time.perf_counter() - began) * 1000)
    # The first few warm the process.
    return {kind: round(statistics.median(times[10:]), 3) for kind, times in took.items()}


if __name__ == "__main__":
    sys.exit(main())
