"""`python -m tests.bench.floor [--tries]`: the least that the work can cost: a loop over a driver, no framework, no broker.

A claim and an end for each batch of 200. With --tries it keeps what we keep: a flight of 20 is marked as begun before it
leaves, and each try has a row of its own. It is the product's own SQL as far as it goes, and planned in the same way.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from collections.abc import Sequence
from typing import Any

import psycopg

BATCH, FLIGHT, LOOKS_AGAIN = 200, 20, 0.05
CLAIM = (
    "WITH due AS (SELECT id FROM prompts_prompt WHERE state = 0 AND due_at <= now() "
    "AND due_at > now() - interval '15 min' AND begun_at IS NULL AND (lease_until IS NULL OR lease_until < now()) "
    "ORDER BY due_at LIMIT (SELECT 200) FOR UPDATE SKIP LOCKED) "
    "UPDATE prompts_prompt p SET lease_until = now() + interval '60 s', tries = tries + 1 "
    "FROM (SELECT id FROM due LIMIT 200) due WHERE p.id = due.id "
    "RETURNING p.id, p.clinic_id, p.tries"
)
BEGIN = (
    "UPDATE prompts_prompt SET begun_at = now() WHERE id = ANY(%s) AND state + 0 = 0 AND begun_at IS NULL RETURNING id"
)
TRIES = (
    "INSERT INTO prompts_attempt (clinic_id, prompt_id, number, channel, began_at, outcome, provider_id, code) "
    "SELECT *, 'sms', now(), '', '', '' FROM unnest(%s::uuid[], %s::bigint[], %s::int[])"
)
END = (
    "UPDATE prompts_prompt SET state = 1, sent_at = now(), ended_at = now(), begun_at = NULL, lease_until = NULL "
    "WHERE id = ANY(%s) AND state + 0 = 0"
)
ENDS_OF_TRIES = (
    "UPDATE prompts_attempt a SET ended_at = now(), outcome = 'accepted' FROM unnest(%s::bigint[], %s::int[]) "
    "AS e(id, number) WHERE a.prompt_id = e.id AND a.number = e.number"
)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.floor", description=__doc__)
    parser.add_argument("--tries", action="store_true")
    told = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    lines = os.open(os.environ["BENCH_LINES"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as db:
        db.execute("SET ROLE aftercare_sender")
        while True:
            rows = db.execute(CLAIM).fetchall()
            size = FLIGHT if told.tries else BATCH
            for start in range(0, len(rows), size):
                _fly(db, rows[start : start + size], lines=lines, tries=told.tries)
            if len(rows) < BATCH:
                time.sleep(LOOKS_AGAIN)


def _fly(db: psycopg.Connection[Any], rows: Sequence[Any], *, lines: int, tries: bool) -> None:
    ids, clinics, numbers = [row[0] for row in rows], [row[1] for row in rows], [row[2] for row in rows]
    if tries:
        with db.transaction():
            db.execute(BEGIN, [ids])
            db.execute(TRIES, [clinics, ids, numbers])
    for pk in ids:
        os.write(lines, f"{pk} {time.time():.6f}\n".encode())
    with db.transaction():
        db.execute(END, [ids])
        if tries:
            db.execute(ENDS_OF_TRIES, [ids, numbers])


if __name__ == "__main__":
    sys.exit(main())
