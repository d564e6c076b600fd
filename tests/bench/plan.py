"""`bench plan`: the rows of one patient's plan, and of many at once, in the ways that a team would write them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone

from aftercare.tenancy import tenant
from prompts.models import Prompt
from prompts.services import plan_treatment_prompts
from prompts.services.plan_rows import write_plan
from prompts.states import PromptState
from tests.bench.goals import at_most, ratio
from tests.bench.ground import Ground
from tests.bench.rows import Db, fill
from tests.bench.told import Told
from tests.bench.turns import Turns
from tests.world import World
from timeline.models import Treatment

PLAN, AT_ONCE = 12, 6000
OURS, SAVES, COPY = "write_plan", "12 saves", "COPY"
_COPIED = (
    "clinic_id",
    "patient_id",
    "treatment_id",
    "step",
    "kind",
    "asks",
    "channel",
    "plan_number",
    "due_at",
    "window_ends_at",
    "state",
    "tries",
    "reason",
)
_COPY_IN = f"COPY prompts_prompt ({', '.join(_COPIED)}) FROM STDIN"


def measure(ground: Ground, told: Told) -> dict[str, Any]:
    """One plan of twelve on a table of `n` rows, and `k` rows of many plans beside COPY; by turns, medians."""
    [world] = fill(ground.db, n=told.n, patients=max(told.n, told.k) // PLAN + 1, clinics=1)
    one = _one_plan(world, rounds=told.rounds)
    many = _many_plans(ground.db, world, k=told.k, rounds=max(told.rounds // 20, 1))
    of_one, of_many = one.work(), many.work(of=told.k / 1000)
    return {
        "n": told.n,
        "k": told.k,
        "rounds": told.rounds,
        "one_plan": {"clock_ms": one.clock(), "work_ms": of_one},
        "thousand_rows": {"clock_ms": many.clock(of=told.k / 1000), "work_ms": of_many},
        "goals": [
            at_most("D7", "a plan of 12 beside 12 saves in one transaction", ratio(of_one[OURS], of_one[SAVES]), 0.25),
            at_most("D8", "many plans beside COPY", ratio(of_many[OURS], of_many[COPY]), 1.5),
        ],
    }


def _one_plan(world: World, *, rounds: int) -> Turns:
    with tenant(world.clinic.pk):
        visits = list(islice(Treatment.objects.exclude(patient=world.patient).iterator(), 200))
    turns = Turns()
    for number in range(rounds):
        visit = visits[number % len(visits)]
        for name, write in _WRITES.items():
            rows = plan_rows(world, [(visit.pk, visit.patient_id)])
            turns.take(name, partial(in_clinic, world, partial(write, rows)), backend=backend())
            forget(world, visit)
        whole = partial(plan_treatment_prompts, visit, at=visit.hour_zero or timezone.now())
        turns.take("whole plan", partial(in_clinic, world, whole), backend=backend())
        forget(world, visit)
    return turns


def _many_plans(db: Db, world: World, *, k: int, rounds: int) -> Turns:
    with tenant(world.clinic.pk):
        visits = list(Treatment.objects.exclude(patient=world.patient).values_list("pk", "patient_id"))[: -(-k // PLAN)]
    turns = Turns()
    for _ in range(rounds):
        rows = plan_rows(world, visits)[:k]
        values = [tuple(getattr(row, name) for name in _COPIED) for row in rows]
        turns.take(COPY, partial(_copy, db, values), backend=db.info.backend_pid)
        _clear(db)
        turns.take(OURS, partial(in_clinic, world, partial(_at_once, rows)), backend=backend())
        _clear(db)
    rows = plan_rows(world, visits)[:k]
    bulk = partial(Prompt.objects.bulk_create, rows, batch_size=AT_ONCE)
    turns.take("bulk_create", partial(in_clinic, world, bulk), backend=backend())
    _clear(db)
    return turns


def _at_once(rows: Sequence[Prompt]) -> None:
    """Of 500 plans one statement, well inside the time that a statement has."""
    for start in range(0, len(rows), AT_ONCE):
        write_plan(rows[start : start + AT_ONCE], [])


def _copy(db: Db, rows: Sequence[tuple[Any, ...]]) -> None:
    with db.transaction(), db.cursor() as cursor, cursor.copy(_COPY_IN.encode()) as copy:
        for row in rows:
            copy.write_row(row)


def in_clinic(world: World, act: Callable[[], object]) -> None:
    """From opening the clinic to the commit."""
    with tenant(world.clinic.pk):
        act()


def backend() -> int:
    """The process of PostgreSQL that this one's ORM speaks with."""
    connection.ensure_connection()
    return int(connection.connection.info.backend_pid)


def plan_rows(world: World, visits: Sequence[tuple[UUID, UUID]]) -> list[Prompt]:
    """Twelve new rows for each visit, given with its patient."""
    first = timezone.now() + timedelta(hours=2)
    return [_row(world, visit, patient, number, first) for visit, patient in visits for number in range(PLAN)]


def _row(world: World, visit: UUID, patient: UUID, number: int, first: datetime) -> Prompt:
    due_at = first + timedelta(hours=number)
    return Prompt(
        clinic_id=world.clinic.pk,
        patient_id=patient,
        treatment_id=visit,
        step=f"bench_{number}",
        kind="tip",
        asks=False,
        channel="sms",
        plan_number=1,
        due_at=due_at,
        window_ends_at=due_at + timedelta(minutes=30),
        state=int(PromptState.WAITING),
    )


def forget(world: World, visit: Treatment) -> None:
    """What was planned here, and nothing that filled the table before."""
    with tenant(world.clinic.pk):
        Prompt.objects.filter(treatment=visit).exclude(step__startswith="step_").delete()


def _clear(db: Db) -> None:
    db.execute("DELETE FROM prompts_prompt WHERE step LIKE 'bench%'")
    db.execute("VACUUM prompts_prompt")
    db.execute("CHECKPOINT")


def _save_each(rows: Sequence[Prompt]) -> None:
    for row in rows:
        row.save(force_insert=True)


_WRITES: Mapping[str, Callable[[list[Prompt]], object]] = {
    SAVES: _save_each,
    "bulk_create": Prompt.objects.bulk_create,
    OURS: lambda rows: write_plan(rows, []),
}
