"""What each of the other systems does for a text, by the name of a module, and how it is told what is due."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from importlib import import_module
from typing import Any


def _nothing(pk: int) -> None:
    raise AssertionError(f"{pk}: a process that only tells what is due does no work")


def _work() -> Callable[[int], None]:
    """By name: one of them is the product's, which is not there for the other, and whose models exist only after a set-up."""
    if "DJANGO_SETTINGS_MODULE" in os.environ:
        import_module("django").setup()
    found: Callable[[int], None] = (
        import_module(os.environ["PEER_WORK"]).send if "PEER_WORK" in os.environ else _nothing
    )
    return found


# Before the system forks: what is loaded then, its workers share.
send = _work()


def tell(schedule: Callable[[Sequence[int], datetime], Any]) -> None:
    """Reads what is due, and when, from stdin, and prints how many milliseconds a thousand took. Some systems never run what
    was past when they heard of it: without a moment it is in two seconds."""
    told = json.load(sys.stdin)
    began = time.perf_counter()
    schedule(told["ids"], datetime.fromtimestamp(told["at"] or time.time() + 2, UTC))
    sys.stdout.write(f"{(time.perf_counter() - began) * 1e6 / len(told['ids']):.1f}")
