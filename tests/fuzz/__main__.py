"""`python -m tests.fuzz --n 20000 --seed 1`: prints one line of JSON, and ends with 1 when anything answered 5xx.

--only NUMBER sends one request of that seed again and shows it, with what was raised.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
import traceback
from typing import Any

import django
from django.core.management import call_command
from django.db import connections
from django.utils.module_loading import import_string

from tests.services import Services


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--n", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int)
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
        return _run(seed=told.seed, n=told.n, only=told.only)
    finally:
        connections.close_all()
        services.stop()


def _run(*, seed: int, n: int, only: int | None) -> int:
    fuzz = import_string("tests.fuzz.run.Fuzz")(seed)  # by name: it needs the settings
    if only is not None:
        return _show(fuzz, only)
    facts = fuzz.run(range(n)).as_facts(seed=seed)
    print(json.dumps(facts))
    return 1 if facts["failed"] or facts["without_headers"] else 0


def _show(fuzz: Any, number: int) -> int:
    request = fuzz.request(number)
    response = fuzz.send(request)
    print(request)
    print(response.status_code)
    if error := getattr(response, "exc_info", None):
        traceback.print_exception(*error)
    return 0


if __name__ == "__main__":
    sys.exit(main())
