"""The statements of a plan: what is new is written, what was there moves."""

from __future__ import annotations

from collections.abc import Sequence

from prompts.models import Prompt

_REPLANNED = (
    "due_at",
    "window_ends_at",
    "channel",
    "plan_number",
    "state",
    "reason",
    "lease_until",
    "ended_at",
)


def write_plan(placed: Sequence[Prompt], dropped: Sequence[Prompt]) -> None:
    """Writes a treatment's prompts as they are planned now. Rows without an id are new; `dropped` leave the plan."""
    Prompt.objects.bulk_create(row for row in placed if row.pk is None)
    Prompt.objects.bulk_update([*(row for row in placed if row.pk), *dropped], _REPLANNED)
