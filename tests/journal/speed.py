"""`python -m tests.journal.speed`: how long private words take. Prints one JSON line: sealing and opening one text in
microseconds, and the list of many through the whole app in milliseconds, with its queries; medians. `list_cpu_ms` is what
of it the app itself works, on the average: the rest is the database, and whatever else the machine does.

Ends with 1 when one text takes a millisecond or more, or the list 300.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import django
from django.core.management import call_command
from django.db import connections
from django.utils.module_loading import import_string

from journal.crypto import RecordPlace, new_key, open_record, seal
from tests.services import Services

LIMIT_US, LIMIT_MS = 1000.0, 300.0
# About what somebody writes at night: 640 bytes.
TEXT = ("The river was wide and slow, and I was not afraid of it. " * 12)[:640]
PLACE = RecordPlace("clinic", "patient", "entry", "text")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.journal.speed", description=__doc__)
    parser.add_argument("--texts", type=int, default=500)
    parser.add_argument("--n", type=int, default=30)
    told = parser.parse_args()
    found = {"texts": told.texts, **sealing(2000), **_with_database(told.texts, told.n)}
    print(json.dumps(found))
    is_slow = max(found["seal_us"], found["open_us"]) >= LIMIT_US or found["list_ms"] >= LIMIT_MS
    return int(is_slow)


def sealing(n: int) -> dict[str, float]:
    """One text of 640 bytes, n times."""
    key = new_key()
    record = seal(TEXT, key=key, version=1, place=PLACE)
    return {
        "seal_us": _median(lambda: seal(TEXT, key=key, version=1, place=PLACE), n) * 1e6,
        "open_us": _median(lambda: open_record(record, key=key, place=PLACE), n) * 1e6,
    }


def _median(act: Callable[[], Any], n: int) -> float:
    took = []
    for _ in range(n):
        began = time.perf_counter()
        act()
        took.append(time.perf_counter() - began)
    return round(statistics.median(took), 7)


def _with_database(texts: int, n: int) -> dict[str, float]:
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
        # By name: they need the settings.
        look, queries = import_string("tests.journal.many.prepared")(texts)
        look()
        at_work = time.process_time()
        waited = _median(look, n)
        cpu = (time.process_time() - at_work) / n
        return {
            "list_ms": round(waited * 1000, 1),
            "list_cpu_ms": round(cpu * 1000, 1),
            "list_queries": queries(),
        }
    finally:
        connections.close_all()
        services.stop()


if __name__ == "__main__":
    sys.exit(main())
