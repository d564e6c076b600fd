"""The one statement of a plan, for the rows of one treatment or of many: what is new is written, what was there moves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any
from uuid import UUID

from django.db import connection

from prompts.models import Prompt
from prompts.states import PromptState

# Never sent, so a new plan may bring them back.
MAY_RETURN = frozenset({PromptState.WAITING, PromptState.CANCELLED, PromptState.SKIPPED})

_WRITTEN: Mapping[str, str] = {
    "clinic_id": "uuid",
    "patient_id": "uuid",
    "treatment_id": "uuid",
    "step": "text",
    "kind": "text",
    "asks": "bool",
    "channel": "text",
    "plan_number": "int",
    "due_at": "timestamptz",
    "window_ends_at": "timestamptz",
    "state": "smallint",
    "reason": "text",
    "ended_at": "timestamptz",
}
_MOVED = ("due_at", "window_ends_at", "channel", "plan_number", "state", "reason", "ended_at")
_RETURNING = "RETURNING p.id, p.treatment_id, p.step"
_MOVES = (
    "ON CONFLICT (clinic_id, treatment_id, step) DO UPDATE SET lease_until = NULL, "
    f"{', '.join(f'{name} = EXCLUDED.{name}' for name in _MOVED)} WHERE p.begun_at IS NULL AND p.state = ANY(%s)"
)


def write_plan(placed: Sequence[Prompt], dropped: Sequence[Prompt]) -> list[Prompt]:
    """Writes prompts of one clinic's treatments as they are planned now; `dropped` leave the plan. Gives new ones their id.

    A row that was begun, or had its end, in between is left as it is: it is not among the rows that come back. Rows of which
    none was there before are only added: IntegrityError when somebody else planned the same step meanwhile.
    """
    rows = [*placed, *dropped]
    if not rows:
        return []
    statement, values = _statement(rows)
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        ids = {(treatment_id, step): pk for pk, treatment_id, step in cursor.fetchall()}
    return [_written(row, ids) for row in placed if (row.treatment_id, row.step) in ids]


def _statement(rows: Sequence[Prompt]) -> tuple[str, list[Any]]:
    """What is the same in each row goes over once, the rest as an array for each column."""
    columns = {name: [_plain(getattr(row, name)) for row in rows] for name in _WRITTEN}
    same = {name: column[0] for name, column in columns.items() if name != "step" and len(set(column)) == 1}
    arrays = {name: column for name, column in columns.items() if name not in same}
    chosen = ", ".join(f"%s::{kind}" if name in same else f"plan.{name}" for name, kind in _WRITTEN.items())
    statement = (
        f'INSERT INTO "prompts_prompt" AS p ({", ".join(_WRITTEN)}, tries) SELECT {chosen}, 0 '  # noqa: S608  our own names
        f"FROM unnest({', '.join(f'%s::{_WRITTEN[name]}[]' for name in arrays)}) AS plan({', '.join(arrays)}) "
    )
    values = [*same.values(), *(_array(_WRITTEN[name], column) for name, column in arrays.items())]
    if any(row.pk for row in rows):
        return f"{statement} {_MOVES} {_RETURNING}", [*values, [int(state) for state in MAY_RETURN]]
    return f"{statement} {_RETURNING}", values


def _written(row: Prompt, ids: Mapping[tuple[UUID | None, str], int]) -> Prompt:
    row.pk, row._state.adding = ids[row.treatment_id, row.step], False
    return row


def _plain(value: Any) -> Any:
    """A list of members of an enum beside their values is none that the driver takes."""
    return value.value if isinstance(value, Enum) else value


def _array(kind: str, column: list[Any]) -> Any:
    """The driver writes each value of a list by itself, which takes longer than all the rest of it. Words it has to quote."""
    if kind == "text":
        return column
    return f"{{{','.join('NULL' if value is None else str(value) for value in column)}}}"
