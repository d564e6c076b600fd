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
_STATEMENT = (
    f'INSERT INTO "prompts_prompt" AS p ({", ".join(_WRITTEN)}, tries) '  # noqa: S608  names of columns, all our own
    f"SELECT plan.*, 0 FROM unnest({', '.join(f'%s::{kind}[]' for kind in _WRITTEN.values())}) AS plan "
    "ON CONFLICT (clinic_id, treatment_id, step) DO UPDATE SET lease_until = NULL, "
    f"{', '.join(f'{name} = EXCLUDED.{name}' for name in _MOVED)} "
    "WHERE p.begun_at IS NULL AND p.state = ANY(%s) RETURNING p.id, p.treatment_id, p.step"
)


def write_plan(placed: Sequence[Prompt], dropped: Sequence[Prompt]) -> list[Prompt]:
    """Writes prompts of one clinic's treatments as they are planned now; `dropped` leave the plan. Gives new ones their id.

    A row that was begun, or had its end, in between is left as it is: it is not among the rows that come back.
    """
    rows = [*placed, *dropped]
    if not rows:
        return []
    columns = [[_plain(getattr(row, name)) for row in rows] for name in _WRITTEN]
    with connection.cursor() as cursor:
        cursor.execute(_STATEMENT, [*columns, [int(state) for state in MAY_RETURN]])
        ids = {(treatment_id, step): pk for pk, treatment_id, step in cursor.fetchall()}
    return [_written(row, ids) for row in placed if (row.treatment_id, row.step) in ids]


def _written(row: Prompt, ids: Mapping[tuple[UUID | None, str], int]) -> Prompt:
    row.pk, row._state.adding = ids[row.treatment_id, row.step], False
    return row


def _plain(value: Any) -> Any:
    """A list of members of an enum beside their values is none that the driver takes."""
    return value.value if isinstance(value, Enum) else value
