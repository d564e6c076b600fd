"""Claiming rows that are due: locked by nobody twice, leased for a while, no reaper needed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache
from typing import Any, TypeVar, cast

from django.db import connection, models

from aftercare.prepared import prepared

Row = TypeVar("Row")


def claim_due(
    model: type[models.Model],
    *,
    waiting: int,
    limit: int,
    lease: timedelta,
    looks_back: timedelta | None,
    columns: tuple[str, ...],
    made: Callable[[tuple[Any, ...]], Row],
    since: datetime | None = None,
    highest_first: str = "",
    holds: type[models.Model] | None = None,
    spare: timedelta = timedelta(0),
) -> list[Row]:
    """Up to `limit` rows of `model` that are due by the database's clock and leased by nobody, oldest first.

    `highest_first` names a column that comes before the age. `holds` are rows of a `kind` and an `until`: what goes by a
    `channel` of such a kind waits until then, where its window stays open for `spare` longer; what can't wait as long is
    claimed all the same.

    `columns` are those that come back, each row as `made` of them; with `holds` two more at the end, whether it is held and
    the database's clock, in seconds since 1970: as a number that is read for nothing, row by row.

    One statement. The claim is a lease in a column outside every index; an expired one makes the row due again.
    `looks_back` bounds the search from below, so that rows finished long ago are never walked; None looks at all. What
    was due before `since` is for a claim without it.
    A row whose sending was begun (`begun_at`) is never claimed: what became of it is not known.
    """
    statement = _statement(
        model,
        waiting=waiting,
        limit=limit,
        lease=lease,
        looks_back=looks_back,
        goes_on=since is not None,
        columns=columns,
        highest_first=highest_first,
        holds=holds,
        spare=spare,
    )
    with prepared() as cursor:
        cursor.execute(statement, [since] if since is not None else None)
        return [made(row) for row in cursor.fetchall()]


@cache
def _statement(
    model: type[models.Model],
    *,
    waiting: int,
    limit: int,
    lease: timedelta,
    looks_back: timedelta | None,
    goes_on: bool,
    columns: tuple[str, ...],
    highest_first: str,
    holds: type[models.Model] | None,
    spare: timedelta,
) -> str:
    """Every number of ours stands in it, so that it is planned once, by the index of what waits; its one value is `since`.

    Of a limit that it can't see, PostgreSQL expects a tenth, and walks the index in order: one that it sees it may meet by
    sorting all that is due, which is too much once more is due than it thought. Of what is found it sees the limit.
    """
    table, named = _quoted(model._meta.db_table), ", ".join(f"p.{_quoted(column)}" for column in columns)
    bound = f"AND due_at > now() - {_interval(looks_back)}" if looks_back is not None else ""
    bound += " AND due_at >= %s" if goes_on else ""
    held = f"FROM {_quoted(holds._meta.db_table)} h WHERE h.until > now() AND h.kind" if holds else ""
    may_go = (
        f"AND NOT EXISTS (SELECT {held} = channel AND h.until + {_interval(spare)} < window_ends_at)" if holds else ""
    )
    is_held = f", EXISTS (SELECT {held} = p.channel), date_part('epoch', now())" if holds else ""
    order = f"{_quoted(highest_first)} DESC, due_at" if highest_first else "due_at"
    return (
        f"WITH due AS (SELECT id FROM {table} WHERE state = {waiting:d} AND due_at <= now() {bound} "  # noqa: S608
        f"AND begun_at IS NULL AND (lease_until IS NULL OR lease_until < now()) {may_go} "
        f"ORDER BY {order} LIMIT (SELECT {limit:d}) FOR UPDATE SKIP LOCKED) "
        f"UPDATE {table} p SET lease_until = now() + {_interval(lease)}, tries = tries + 1 "
        f"FROM (SELECT id FROM due LIMIT {limit:d}) due WHERE p.id = due.id "
        f"RETURNING {named}{is_held}"
    )


def database_now() -> datetime:
    """By the database's clock, for who has claimed nothing."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT now()")
        (now,) = cursor.fetchone()
    return cast(datetime, now)


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)


def _interval(lasts: timedelta) -> str:
    return f"interval '{lasts.total_seconds():f} s'"
