"""A few fixed statements that run all day, each read and planned once a connection."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django.db.backends.utils import CursorDebugWrapper, CursorWrapper
from psycopg import Connection, Cursor
from psycopg.pq import Format


@contextmanager
def prepared() -> Iterator[CursorWrapper]:
    """A cursor that keeps what it runs, so its statements hold no values of their own: each text is one more plan.

    Anything else goes by `connection.cursor()`, which sends its values inside the statement and has it planned each time.
    """
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    raw = connection.connection
    # Only for as long: the driver would keep every other statement in mind too, with its values, and forget these with them.
    before, raw.prepare_threshold = raw.prepare_threshold, 0
    make: Callable[[Any, Any], CursorWrapper] = _Logged if connection.queries_logged else CursorWrapper
    try:
        with make(_cursor_of(raw), connection) as cursor:
            yield cursor
    finally:
        raw.prepare_threshold = before


def _cursor_of(raw: Connection[Any]) -> Cursor[Any]:
    """Answers come in PostgreSQL's own binary form: ids and moments as text are dear to write and to read. Moments are in
    the connection's time zone, which is UTC."""
    cursor = Cursor(raw)
    cursor.format = Format.BINARY
    return cursor


class _Logged(CursorDebugWrapper):
    """Writes down the statement as it stands: the driver has no other form of it."""

    def debug_sql(
        self, sql: str | None = None, params: Any = None, use_last_executed_query: bool = False, many: bool = False
    ) -> Any:
        return super().debug_sql(sql, params, many=many)


def array(values: Iterable[object]) -> str:
    """Values as PostgreSQL reads an array: those without a comma, a quote or a space in them, such as numbers and ids."""
    return "{" + ",".join(["NULL" if value is None else str(value) for value in values]) + "}"


def texts(values: Iterable[str | None]) -> str:
    """Any words, or moments in ISO 8601, as PostgreSQL reads an array of them."""
    return "{" + ",".join(["NULL" if value is None else _quoted(value) for value in values]) + "}"


def _quoted(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"' if value else '""'
