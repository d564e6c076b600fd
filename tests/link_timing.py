"""How long a link takes that opens nothing, by why it opens nothing: nothing may tell one such link from another.

Each try is what a browser does: the address of the link, then the page that it leads to, in a session of its own, through the
whole app on a real database. The kinds take turns, so that a slow moment of the machine is everybody's. Prints one JSON line.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import statistics
import time

import django
from django.core.management import call_command
from django.db import connections
from django.utils.module_loading import import_string

from tests.services import Services

LIMIT_MS = 5.0


def run(prog: str, *, ended: str, page: str) -> int:
    """`ended` names the function that makes the links, {why: path}, and `page` is where each leads. 1 when medians differ."""
    parser = argparse.ArgumentParser(prog=prog, description=__doc__)
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
        medians = measure(told.n, paths=import_string(ended)(), page=page)
    finally:
        connections.close_all()
        services.stop()
    spread = max(medians.values()) - min(medians.values())
    print(json.dumps({"n": told.n, "median_ms": medians, "spread_ms": round(spread, 3), "limit_ms": LIMIT_MS}))
    return int(spread >= LIMIT_MS)


def measure(n: int, *, paths: dict[str, str], page: str) -> dict[str, float]:
    """The median in milliseconds of each kind, over n tries."""
    client = import_string("django.test.Client")  # by name: it needs the settings
    took: dict[str, list[float]] = {kind: [] for kind in paths}
    for _ in range(n + 10):
        for kind, path in paths.items():
            browser = client()
            began = time.perf_counter()
            assert browser.get(path).status_code == 303
            assert browser.get(page).status_code == 410
            took[kind].append((time.perf_counter() - began) * 1000)
    # The first few warm the process.
    return {kind: round(statistics.median(times[10:]), 3) for kind, times in took.items()}
