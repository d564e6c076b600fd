"""Claiming rows that are due: locked by nobody twice, leased for a while, no reaper needed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, models


def claim_due(
    model: type[models.Model],
    *,
    waiting: int,
    limit: int,
    lease: timedelta,
    looks_back: timedelta | None,
    since: datetime | None = None,
    highest_first: str = "",
    holds: type[models.Model] | None = None,
    spare: timedelta = timedelta(0),
    columns: Collection[str] = (),
) -> list[dict[str, Any]]:
    """Up to `limit` rows of `model` that are due by the database's clock and leased by nobody, oldest first.

    `highest_first` names a column that comes before the age. `holds` are rows of a `kind` and an `until`: what goes by a
    `channel` of such a kind waits until then, where its window stays open for `spare` longer; what can't wait as long is
    claimed all the same, and its `is_held` says so.

    `columns` are those that come back; all of them, where none are named.

    One statement. The claim is a lease in a column outside every index; an expired one makes the row due again.
    `looks_back` bounds the search from below, so that rows finished long ago are never walked; None looks at all. Of what
    was due before `since` the caller has seen to everything.
    A row whose sending was begun (`begun_at`) is never claimed: what became of it is not known.
    """
    table = connection.ops.quote_name(model._meta.db_table)
    named = ", ".join(f"p.{connection.ops.quote_name(column)}" for column in columns or _columns(model))
    bound = "AND due_at > now() - %(looks_back)s" if looks_back is not None else ""
    bound += " AND due_at >= %(since)s" if since is not None else ""
    held = f"FROM {connection.ops.quote_name(holds._meta.db_table)} h WHERE h.until > now() AND h.kind" if holds else ""
    may_go = f"AND NOT EXISTS (SELECT {held} = channel AND h.until + %(spare)s < window_ends_at)" if holds else ""
    is_held = f", EXISTS (SELECT {held} = p.channel) AS is_held" if holds else ""
    order = f"{connection.ops.quote_name(highest_first)} DESC, due_at" if highest_first else "due_at"
    values: dict[str, Any] = {"waiting": waiting, "limit": limit, "lease": lease, "looks_back": looks_back}
    values |= {"spare": spare, "since": since}
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH due AS (SELECT id FROM {table} WHERE state = %(waiting)s AND due_at <= now() {bound} "  # noqa: S608
            f"AND begun_at IS NULL AND (lease_until IS NULL OR lease_until < now()) {may_go} "
            f"ORDER BY {order} LIMIT %(limit)s FOR UPDATE SKIP LOCKED) "
            f"UPDATE {table} p SET lease_until = now() + %(lease)s, tries = tries + 1 FROM due WHERE p.id = due.id "
            f"RETURNING {named}{is_held}",
            values,
        )
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _columns(model: type[models.Model]) -> Sequence[str]:
    return [field.column for field in model._meta.local_concrete_fields]
