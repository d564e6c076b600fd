"""`bench correct`: stopping and moving one patient's prompts, and the claim, on a small table and on a large one."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import psycopg
from django.db import connection

from aftercare.processes import StackError
from aftercare.tenancy import tenant
from prompts.models import Prompt
from prompts.services.delivery import LOOKS_BACK
from prompts.services.plan_rows import write_plan
from prompts.services.planning import plan_treatment_prompts, stop_prompts
from prompts.services.rows import BATCH, Claims, Ending, claim, complete
from prompts.states import PromptState
from tests.bench.goals import at_most, middle, ratio, rounded
from tests.bench.ground import Ground
from tests.bench.plan import PLAN, backend, forget, in_clinic, plan_rows
from tests.bench.rows import Db, fill, make_due, write_prompts
from tests.bench.told import Told
from tests.bench.turns import Turns
from tests.world import World
from timeline.models import Treatment

SMALL, CLAIMS = 10_000, 10
# About so many rows are due: enough for a claim before and those that are measured, less what the acts before take away.
DUE = (CLAIMS + 1) * BATCH * 1.2
# Inside the quarter of an hour that a claim looks back, with room for what the bench itself takes.
SPREAD = timedelta(minutes=12)


def measure(ground: Ground, told: Told) -> dict[str, Any]:
    """On SMALL rows and on `n`; then `k` rows finish in batches under a snapshot that somebody holds, and without one."""
    small_n = min(SMALL, told.n)
    [world] = fill(ground.db, n=small_n, patients=small_n // PLAN + 1, clinics=1, due=DUE / small_n)
    small, small_claim = _acts(world, rounds=told.rounds), _claims()
    _grow(ground.db, world, n=told.n)
    large, large_claim = _acts(world, rounds=told.rounds), _claims()
    index_kb, row_bytes = _index_kb(ground.db), _row_bytes(ground.db, told.n)
    free = _finish(ground, k=told.k, meanwhile=nullcontext())
    pinned = _finish(ground, k=told.k, meanwhile=_pinned(ground.superuser))
    return {
        "n": told.n,
        "small_n": small_n,
        "k": told.k,
        "rounds": told.rounds,
        "small": _figures(small, small_claim),
        "large": _figures(large, large_claim),
        "index_kb": index_kb,
        "row_bytes": row_bytes,
        "finishing": {"free": free, "under a held snapshot": pinned},
        "goals": [
            *_acts_goals(small.work(), large.work()),
            at_most(
                "D10",
                "claim of 200, N beside 10k",
                ratio(large_claim.work()["claim"], small_claim.work()["claim"]),
                1.5,
            ),
            at_most("D13", "claims under a held snapshot, last tenth beside first", pinned["grown"], 2),
            at_most("D13", "claims without one, last tenth beside first", free["grown"], 2),
        ],
    }


def _figures(acts: Turns, claims: Turns) -> dict[str, Any]:
    return {"clock_ms": acts.clock() | claims.clock(), "work_ms": acts.work() | claims.work()}


def _acts_goals(small: dict[str, float], large: dict[str, float]) -> list[dict[str, Any]]:
    return [
        at_most("D9", f"{name}, N beside 10k", ratio(large[name], small[name]), 1.6) for name in ("stop", "move")
    ] + [
        at_most("D9", f"{name} beside a bulk_create of 12", ratio(large[name], large["bulk_create"]), 0.5)
        for name in ("stop", "move")
    ]


def _acts(world: World, *, rounds: int) -> Turns:
    """A plan's rows are written, moved by seven minutes, and stopped; and a whole correction of a visit's end."""
    with tenant(world.clinic.pk):
        visits = list(Treatment.objects.exclude(patient=world.patient)[:50])
    turns = Turns()
    for number in range(rounds):
        visit = visits[number % len(visits)]
        rows = plan_rows(world, [(visit.pk, visit.patient_id)])
        acts: dict[str, Callable[[], object]] = {
            "bulk_create": partial(Prompt.objects.bulk_create, rows),
            "move": partial(_move, rows),
            "stop": partial(stop_prompts, visit, at=visit.changed_at),
        }
        with tenant(world.clinic.pk):
            Prompt.objects.filter(treatment=visit).delete()
        for name, act in acts.items():
            turns.take(name, partial(in_clinic, world, act), backend=backend())
        forget(world, visit)
        _correct(world, visit, turns)
    return turns


def _move(rows: list[Prompt]) -> None:
    for row in rows:
        row.due_at, row.plan_number = row.due_at + timedelta(minutes=7), 2
    write_plan(rows, [])


def _correct(world: World, visit: Treatment, turns: Turns) -> None:
    """With all that is read for it."""
    ended_at = visit.hour_zero or visit.changed_at
    in_clinic(world, partial(plan_treatment_prompts, visit, at=ended_at))
    visit.hour_zero, visit.plan_number = ended_at - timedelta(minutes=40), visit.plan_number + 1
    turns.take(
        "whole correction",
        partial(in_clinic, world, partial(plan_treatment_prompts, visit, at=ended_at)),
        backend=backend(),
    )


def _claims() -> Turns:
    """Of 200 each, of those that were written as due."""
    claim(looks_back=LOOKS_BACK)
    turns = Turns()
    for _ in range(CLAIMS):
        turns.take("claim", _claim_a_batch, backend=backend())
    return turns


def _claim_a_batch() -> None:
    if len(claim(looks_back=LOOKS_BACK)) < BATCH:
        raise StackError("Not enough was due for a claim.")


def _finish(ground: Ground, *, k: int, meanwhile: AbstractContextManager[None]) -> dict[str, Any]:
    """Claims and ends `k` rows that fell due one after another within SPREAD. What was finished in the last quarter of an
    hour and could not be cleared away is what a search walks: `k` is 120 times less than what is sent a day."""
    _fell_due(ground.db, k=k)
    before = _updates(ground.db)
    with meanwhile:
        took = _claim_and_end_all()
        next_run = _next_runs()
    tenth = max(len(took) // 10, 1)
    updates, hot = (after - was for after, was in zip(_updates(ground.db), before, strict=True))
    first, last = middle(took[1 : 1 + tenth] or took), middle(took[-tenth:])
    return {
        "first_ms": first,
        "last_ms": last,
        "grown": ratio(last, first),
        "next_run_ms": next_run,
        "hot_share": rounded(hot / max(updates, 1)),
    }


def _fell_due(db: Db, *, k: int) -> None:
    moment, ids = make_due(db, k=k, channel="in_app", in_seconds=1, apart=SPREAD.total_seconds() / k, one_each=False)
    ago = moment + SPREAD - datetime.now(UTC)
    db.execute("UPDATE prompts_prompt SET due_at = due_at - %s WHERE id = ANY(%s)", [ago, ids])
    db.execute("VACUUM ANALYZE prompts_prompt")


def _claim_and_end_all() -> list[float]:
    """Milliseconds of each claim, as one run makes them."""
    took: list[float] = []
    claims = Claims(LOOKS_BACK)
    while True:
        began = time.perf_counter()
        batch = claims.next()
        if not batch:
            return took
        took.append((time.perf_counter() - began) * 1000)
        complete([Ending(each, PromptState.SENT) for each in batch], begun=False)


def _next_runs() -> float:
    """Milliseconds of the claim that a run begins with, which looks from the start: once a tick."""
    took = []
    for _ in range(CLAIMS):
        began = time.perf_counter()
        claim(looks_back=LOOKS_BACK)
        took.append((time.perf_counter() - began) * 1000)
    return middle(took)


def _updates(db: Db) -> tuple[int, int]:
    """All updates of the table so far, and those that touched no index: both sessions tell now what they did."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
    db.execute("SELECT pg_stat_force_next_flush()")
    time.sleep(0.1)
    row = db.execute(
        "SELECT n_tup_upd, n_tup_hot_upd FROM pg_stat_user_tables WHERE relname = 'prompts_prompt'"
    ).fetchone()
    return (int(row[0]), int(row[1])) if row else (0, 0)


@contextmanager
def _pinned(superuser: str) -> Iterator[None]:
    """Somebody's transaction that stays open, and sees the table as it was."""
    with psycopg.connect(superuser) as held:
        held.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        held.execute("SELECT count(*) FROM prompts_prompt")
        yield
        held.rollback()


def _index_kb(db: Db) -> dict[str, int]:
    rows = db.execute(
        "SELECT indexrelname, pg_relation_size(indexrelid) / 1024 FROM pg_stat_user_indexes WHERE relname = 'prompts_prompt'"
    )
    return {str(name): int(size) for name, size in rows}


def _row_bytes(db: Db, n: int) -> dict[str, int]:
    """What a row takes on disk, and all its places in indexes together."""
    row = db.execute("SELECT pg_table_size('prompts_prompt'), pg_indexes_size('prompts_prompt')").fetchone()
    return {"heap": row[0] // n, "indexes": row[1] // n} if row else {}


def _grow(db: Db, world: World, *, n: int) -> None:
    """The same patients, with more prompts each."""
    db.execute("SET session_replication_role = replica")
    db.execute("TRUNCATE prompts_prompt CASCADE")
    with tenant(world.clinic.pk):
        patients = Treatment.objects.count()
    write_prompts(db, n=n, patients=patients, due=DUE / n)
    db.execute("SET session_replication_role = origin")
    db.execute("VACUUM ANALYZE")
