"""How many statements a plan, a correction and a delivery cost: the same however many rows there are."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection

from accounts.states import ChannelKind
from aftercare.tenancy import as_sender, tenant
from prompts.models import Prompt
from prompts.services import deliver_due, plan_rows, rows
from prompts.services.plan_rows import write_plan
from prompts.services.planning import plan_treatment_prompts, stop_prompts
from prompts.services.rows import BATCH
from prompts.states import PromptState
from tests.conftest import Standin
from tests.prompts.conftest import ago
from tests.world import HOUR_ZERO, World
from timeline.states import TreatmentState

KINDS = {
    "claim": "WITH due AS",
    "read": "FROM prompts_read_by_clinic",
    "begin": "SET begun_at = now()",
    "complete": "SET state = CASE WHEN",
    "plan": 'INSERT INTO "prompts_prompt"',
    "move": "UPDATE prompts_prompt p SET lease_until = NULL",
    "stop": "UPDATE prompts_prompt SET state",
    "ends of tries": "UPDATE prompts_attempt",
    "other": 'UPDATE "prompts_prompt"',
}


@contextmanager
def counted() -> Iterator[Counter[str]]:
    """The statements of a delivery, and those that write, by their kind."""
    found: Counter[str] = Counter()

    def count(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        if kind := next((kind for kind, words in KINDS.items() if words in str(sql)), ""):
            found[kind] += 1
        return execute(sql, params, many, context)

    with connection.execute_wrapper(count):
        yield found


@pytest.mark.django_db
def test_a_plan_a_correction_and_a_stop_are_one_statement_each(world: World) -> None:
    treatment = world.treatment(hour_zero=HOUR_ZERO, plan_number=1)
    with counted() as first:
        planned = plan_treatment_prompts(treatment, at=HOUR_ZERO)
    treatment.hour_zero, treatment.plan_number = HOUR_ZERO - timedelta(minutes=40), 2
    with counted() as corrected:
        moved = plan_treatment_prompts(treatment, at=HOUR_ZERO)
    with counted() as stopped:
        assert stop_prompts(treatment, at=HOUR_ZERO) == len(moved)
    assert (first, corrected, stopped) == ({"plan": 1}, {"move": 1}, {"stop": 1})
    assert [row.pk for row in planned] == [row.pk for row in moved], "the same rows, each with its id"


@pytest.mark.django_db
def test_a_row_that_was_begun_or_sent_in_between_is_never_moved(world: World) -> None:
    treatment = world.treatment(hour_zero=HOUR_ZERO, plan_number=1)
    begun, sent, waits, *_ = rows = plan_treatment_prompts(treatment, at=HOUR_ZERO)
    Prompt.objects.filter(pk=begun.pk).update(begun_at=HOUR_ZERO)
    Prompt.objects.filter(pk=sent.pk).update(state=PromptState.SENT, sent_at=HOUR_ZERO)
    for row in rows:
        row.plan_number, row.due_at = 2, row.due_at - timedelta(minutes=1)
    assert write_plan([begun, sent, waits], []) == [waits]
    assert dict(Prompt.objects.order_by("pk").values_list("pk", "plan_number"))[waits.pk] == 2
    assert set(Prompt.objects.filter(pk__in=[begun.pk, sent.pk]).values_list("plan_number", flat=True)) == {1}


@pytest.mark.django_db
def test_rows_of_many_treatments_are_one_statement(world: World) -> None:
    treatments = [world.treatment(TreatmentState.CLOSED, hour_zero=HOUR_ZERO - timedelta(days=n)) for n in range(3)]
    rows = [
        Prompt(
            clinic_id=world.clinic.pk,
            patient_id=world.patient.pk,
            treatment=treatment,
            step=f"step_{number}",
            kind="tip",
            asks=False,
            channel=channel,
            plan_number=1,
            due_at=HOUR_ZERO,
            window_ends_at=HOUR_ZERO + timedelta(hours=1),
            state=PromptState.WAITING,
        )
        for treatment in treatments
        for number, channel in enumerate((ChannelKind.SMS, "in_app"))
    ]
    with counted() as written:
        assert write_plan(rows, []) == rows
    assert written == {"plan": 1}
    assert {row.pk for row in rows} == set(Prompt.objects.values_list("pk", flat=True))


_ENDS = ["{7}", "{1}", "{1}", "{1}", '{""}', "{NULL}", '{""}']


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("statement", "values", "by"),
    [
        (rows._BEGIN, ["{7}", "{1}", "{1}", "{sms}"], "id"),
        (rows._COMPLETE, _ENDS, "id"),
        (rows._COMPLETE_BEGUN, _ENDS, "id"),
        (plan_rows._STOP, [HOUR_ZERO, UUID(int=7)], "treatment_id"),
    ],
)
def test_what_is_named_is_never_looked_for_among_all_that_waits(statement: str, values: list[Any], by: str) -> None:
    """A plan is kept, and may be of an hour in which nothing waited: without the "+ 0" it could walk what waits."""
    assert f"Index Cond: ({by} = " in (kept := plan_of(statement, values)) and "prompt_due" not in kept


def plan_of(statement: str, values: list[Any]) -> str:
    """As a connection keeps it, whatever the values are."""
    numbers = iter(range(1, len(values) + 1))
    with as_sender(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL plan_cache_mode = force_generic_plan")
        cursor.execute(f"PREPARE kept AS {re.sub('%s', lambda _: f'${next(numbers)}', statement)}")
        cursor.execute(f"EXPLAIN EXECUTE kept ({', '.join(['%s'] * len(values))})", values)
        plan = str(cursor.fetchall())
        cursor.execute("DEALLOCATE kept")
    return plan


def test_a_delivery_costs_claims_flights_and_one_empty_claim(
    world: World, committed: None, standin: Standin, due: Callable[..., list[Prompt]]
) -> None:
    """45 texts leave in three flights; what is shown in the app, a batch of it, ends in one statement."""
    due(45, channel=ChannelKind.SMS)
    with counted() as texts:
        assert deliver_due().counts == {"SENT": 45}
    assert texts == {"claim": 1, "read": 1, "begin": 3, "complete": 3, "ends of tries": 3}
    with tenant(world.clinic.pk):
        sent = Prompt.objects.all()
        sent.update(state=PromptState.WAITING, channel="in_app", lease_until=None, due_at=ago(minutes=1))
        more = [Prompt.objects.get(step="step_0") for _ in range(BATCH - 45)]
        for number, row in enumerate(more):
            row.pk, row._state.adding, row.step = None, True, f"more_{number}"
        write_plan(more, [])
    with counted() as in_app:
        assert deliver_due().counts == {"SENT": BATCH}
    assert in_app == {"claim": 2, "read": 1, "complete": 1}
