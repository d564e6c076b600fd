"""What each of the other systems does for a prompt: one line in the file, one guarded update, a connection kept open.

Runs in the folder of the other systems: no Django here.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import psycopg

_END = "UPDATE prompts_prompt SET state = 1, sent_at = now(), ended_at = now() WHERE id = %s AND state = 0"
_own = threading.local()


def send(pk: int) -> None:
    os.write(_lines(), f"{pk} {time.time():.6f}\n".encode())
    _database().execute(_END, [pk])


def tell(schedule: Callable[[Sequence[int], datetime], Any]) -> None:
    """Reads what is due from stdin, and prints how many milliseconds a thousand took."""
    told = json.load(sys.stdin)
    began = time.perf_counter()
    schedule(told["ids"], datetime.fromtimestamp(told["at"], UTC))
    sys.stdout.write(f"{(time.perf_counter() - began) * 1e6 / len(told['ids']):.1f}")


def _lines() -> int:
    if not hasattr(_own, "lines"):
        _own.lines = os.open(os.environ["BENCH_LINES"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    return int(_own.lines)


def _database() -> psycopg.Connection[Any]:
    if not hasattr(_own, "db"):
        _own.db = psycopg.connect(os.environ["PEER_DATABASE"], autocommit=True)
    found: psycopg.Connection[Any] = _own.db
    return found
