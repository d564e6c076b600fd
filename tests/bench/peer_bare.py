"""The bare work of another system for a text: the floor's statements for one row, over a connection kept open.

Nothing is rendered and nobody is asked: what the system itself costs, and not what one that keeps our rules does.
Runs in the folder of the other systems: no Django here.
"""

from __future__ import annotations

import os
import threading
import time
from typing import Any

import psycopg

# What tests/bench/floor.py does for twenty. It names a try by its prompt: there is one.
_BEGIN = (
    "WITH begun AS (UPDATE prompts_prompt SET begun_at = now(), tries = tries + 1 "
    "WHERE id = %s AND state = 0 AND begun_at IS NULL RETURNING clinic_id, id, tries) "
    "INSERT INTO prompts_attempt (clinic_id, prompt_id, number, channel, began_at, outcome, provider_id, code) "
    "SELECT clinic_id, id, tries, 'sms', now(), '', '', '' FROM begun RETURNING number"
)
_END = "UPDATE prompts_prompt SET state = 1, sent_at = now(), ended_at = now(), begun_at = NULL WHERE id = %s AND state = 0"
_END_OF_TRY = "UPDATE prompts_attempt SET ended_at = now(), outcome = 'accepted' WHERE prompt_id = %s AND number = %s"
_own = threading.local()


def send(pk: int) -> None:
    """At most once, as we promise it: marked as begun before it leaves."""
    db = _database()
    if begun := db.execute(_BEGIN, [pk]).fetchone():
        os.write(_lines(), f"{pk} {time.time():.6f}\n".encode())
        with db.transaction():
            db.execute(_END, [pk])
            db.execute(_END_OF_TRY, [pk, begun[0]])


def _lines() -> int:
    if not hasattr(_own, "lines"):
        _own.lines = os.open(os.environ["BENCH_LINES"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    return int(_own.lines)


def _database() -> psycopg.Connection[Any]:
    if not hasattr(_own, "db"):
        _own.db = psycopg.connect(os.environ["PEER_DATABASE"], autocommit=True)
    found: psycopg.Connection[Any] = _own.db
    return found
