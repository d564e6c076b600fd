"""The statements of a plan, for the rows of one treatment or of many: what is new is written, what was there moves, and
what waits is stopped, each planned once a connection."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from enum import Enum
from operator import attrgetter
from typing import Any
from uuid import UUID

from aftercare.prepared import array, prepared, texts
from prompts.models import Prompt
from prompts.states import PromptState

# Never sent, so a new plan may bring them back.
MAY_RETURN = frozenset({PromptState.WAITING, PromptState.CANCELLED, PromptState.SKIPPED})

_KINDS: Mapping[str, str] = {
    "id": "bigint",
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
_WRITTEN = tuple(name for name in _KINDS if name != "id")
_MOVED = ("due_at", "window_ends_at", "channel", "plan_number", "state", "reason", "ended_at")
_RETURNING = "RETURNING p.id, p.treatment_id, p.step"
_IS_LOOSE = f"p.begun_at IS NULL AND p.state IN ({', '.join(str(int(state)) for state in sorted(MAY_RETURN))})"
_OR_MOVES = (
    "ON CONFLICT (clinic_id, treatment_id, step) DO UPDATE SET lease_until = NULL, "
    f"{', '.join(f'{name} = EXCLUDED.{name}' for name in _MOVED)} WHERE {_IS_LOOSE}"
)
_MAY_STOP = ", ".join(str(int(state)) for state in Prompt.MOVES[PromptState.CANCELLED])
_STOP = (
    f"UPDATE prompts_prompt SET state = {int(PromptState.CANCELLED)}, reason = 'visit stopped', ended_at = %s "  # noqa: S608
    f"WHERE treatment_id = %s AND begun_at IS NULL AND state + 0 IN ({_MAY_STOP})"  # not by the index of what waits
)


def write_plan(placed: Sequence[Prompt], dropped: Sequence[Prompt]) -> list[Prompt]:
    """Writes prompts of one clinic's treatments as they are planned now; `dropped` leave the plan. Gives new ones their id.

    A row that was begun, or had its end, in between is left as it is: it is not among the rows that come back. Rows of which
    none was there before are only added: IntegrityError when somebody else planned the same step meanwhile.
    """
    rows = [*placed, *dropped]
    if all(row.pk for row in rows):
        moved = _move(rows) if rows else set()
        return [row for row in placed if row.pk in moved]
    statement, values = _statement(rows)
    with prepared() as cursor:
        cursor.execute(statement, values)
        ids = {(treatment_id, step): pk for pk, treatment_id, step in cursor.fetchall()}
    return [_written(row, ids) for row in placed if (row.treatment_id, row.step) in ids]


def stop_rows(treatment_id: UUID, *, at: datetime) -> int:
    """What of this treatment waits, and has not begun, is cancelled. How many it were."""
    with prepared() as cursor:
        cursor.execute(_STOP, [at, treatment_id])
        return int(cursor.rowcount)


def _move(rows: Sequence[Prompt]) -> set[int]:
    """Nothing of the plan is new. The ids of what moved."""
    chosen, arrays, values = _sent_over(rows, _MOVED, each="id")
    sets = ", ".join(f"{name} = {value}" for name, value in chosen.items())
    with prepared() as cursor:
        cursor.execute(
            f"UPDATE prompts_prompt p SET lease_until = NULL, {sets} FROM {arrays} "  # noqa: S608  our own names
            f"WHERE p.id = plan.id AND {_IS_LOOSE} RETURNING p.id",
            values,
        )
        return {pk for (pk,) in cursor.fetchall()}


def _statement(rows: Sequence[Prompt]) -> tuple[str, list[Any]]:
    chosen, arrays, values = _sent_over(rows, _WRITTEN, each="step")
    statement = (
        f'INSERT INTO "prompts_prompt" AS p ({", ".join(chosen)}, tries) '  # noqa: S608  our own names
        f"SELECT {', '.join(chosen.values())}, 0 FROM {arrays}"
    )
    return f"{statement} {_OR_MOVES if any(row.pk for row in rows) else ''} {_RETURNING}", values


def _sent_over(rows: Sequence[Prompt], names: Collection[str], *, each: str) -> tuple[dict[str, str], str, list[Any]]:
    """How each column is spelled, the arrays that it may come from, and all values. What is the same in each row goes over
    once, the rest as an array for each column; and so does `each`."""
    columns = {name: list(map(attrgetter(name), rows)) for name in {each: 0, **dict.fromkeys(names)}}
    same = {name: _plain(column[0]) for name, column in columns.items() if name != each and len(set(column)) == 1}
    lists = {name: column for name, column in columns.items() if name not in same}
    chosen = {name: f"%s::{_KINDS[name]}" if name in same else f"plan.{name}" for name in names}
    arrays = f"unnest({', '.join(f'%s::{_KINDS[name]}[]' for name in lists)}) AS plan({', '.join(lists)})"
    values = [
        *(same[name] for name in names if name in same),
        *(_array(name, column) for name, column in lists.items()),
    ]
    return chosen, arrays, values


def _written(row: Prompt, ids: Mapping[tuple[UUID | None, str], int]) -> Prompt:
    row.pk, row._state.adding = ids[row.treatment_id, row.step], False
    return row


def _plain(value: Any) -> Any:
    """As the driver takes it: a member of an enum is its value."""
    return value.value if isinstance(value, Enum) else value


def _array(name: str, column: list[Any]) -> str:
    if _KINDS[name] == "text":
        return texts(column)
    is_time = _KINDS[name] == "timestamptz"
    return array(value.isoformat() if is_time and value else value for value in column)
