"""The transaction in which only one clinic's rows exist, and what keeps every table inside it.

PostgreSQL enforces it: each clinic's table has row-level security, forced, and its policy raises when no clinic is set.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any
from uuid import UUID

from celery import Task
from django.apps import apps
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

log = logging.getLogger(__name__)
_scope: ContextVar[str] = ContextVar("tenancy_scope", default="")

SENDER = "sender"


class TenantRequired(RuntimeError):
    """A query touched a clinic's table outside `tenant()` and outside `as_sender()`."""


@contextmanager
def tenant(clinic_id: UUID, *, using: str = DEFAULT_DB_ALIAS) -> Iterator[None]:
    """One transaction in which only this clinic's rows can be read or written."""
    connection = connections[using]
    was_nested, previous = connection.in_atomic_block, _scope.get()
    with transaction.atomic(using=using):
        _set_clinic(connection, str(clinic_id))
        token = _scope.set(str(clinic_id))
        try:
            yield
        finally:
            _scope.reset(token)
            # A local setting outlives a savepoint: inside an outer transaction the outer clinic must come back.
            if was_nested and not connection.needs_rollback:
                _set_clinic(connection, previous if previous != SENDER else "")


class EachClinic:
    """Clinic by clinic, each in a transaction of its own: what goes wrong at one is logged, and holds up no other.

    `tell` raises the first fault once all had their turn.
    """

    def __init__(self) -> None:
        self._faults: list[Exception] = []

    @contextmanager
    def turn(self, clinic_id: UUID) -> Iterator[None]:
        try:
            with tenant(clinic_id):
                yield
        except Exception as fault:
            log.exception("What is for every clinic failed at one", extra={"clinic": clinic_id})
            self._faults.append(fault)

    def tell(self) -> None:
        if self._faults:
            raise self._faults[0]


@contextmanager
def as_sender(*, using: str = DEFAULT_DB_ALIAS) -> Iterator[None]:
    """One transaction as the role that sees every clinic's prompts and attempts, and no other table."""
    connection = connections[using]
    was_nested = connection.in_atomic_block
    with transaction.atomic(using=using):
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL ROLE {connection.ops.quote_name(settings.SENDER_ROLE)}")
        token = _scope.set(SENDER)
        try:
            yield
        finally:
            _scope.reset(token)
            # The end of a transaction takes the role off by itself; the end of a savepoint does not.
            if was_nested and not connection.needs_rollback:
                with connection.cursor() as cursor:
                    cursor.execute("RESET ROLE")


@contextmanager
def as_journal(*, using: str = DEFAULT_DB_ALIAS) -> Iterator[None]:
    """Inside tenant(): for this block the role that alone may touch the journal's tables, and no others."""
    current_clinic_id()
    connection = connections[using]
    # After an error the savepoint takes the role off again, as it takes back what was written.
    with transaction.atomic(using=using):
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL ROLE {connection.ops.quote_name(settings.JOURNAL_ROLE)}")
        yield
        with connection.cursor() as cursor:
            cursor.execute("RESET ROLE")


def current_clinic_id() -> UUID:
    """The clinic of the open tenant() block. Raises TenantRequired outside one."""
    scope = _scope.get()
    if not scope or scope == SENDER:
        raise TenantRequired("No clinic is set here: open tenant(clinic.pk) first.")
    return UUID(scope)


def _set_clinic(connection: BaseDatabaseWrapper, value: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select set_config('app.clinic_id', %s, true)", [value])


class CheckedTask(Task[Any, Any]):
    """A Celery task that begins and ends outside any clinic: it opens tenant() itself, for as long as it needs one."""

    abstract = True

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        self._check("began")
        result = super().__call__(*args, **kwargs)
        self._check("ended")
        return result

    def _check(self, when: str) -> None:
        if _scope.get():
            raise TenantRequired(f"The task {self.name} {when} inside a tenant() block.")


def tenant_tables() -> frozenset[str]:
    """The tables of every TenantModel."""
    return frozenset(model._meta.db_table for model in apps.get_models() if getattr(model, "is_of_one_clinic", False))


class TenantGuard:
    """Refuses, in development and tests, a query on a clinic's table outside its block.

    The database would refuse it too, but only when the table holds a row; here the mistake shows on an empty one.
    """

    def __init__(self) -> None:
        self._tables: frozenset[str] = frozenset()

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if not _scope.get() and context["connection"].alias == DEFAULT_DB_ALIAS:
            self._tables = self._tables or tenant_tables()
            text = str(sql)
            if touched := sorted(table for table in self._tables if f'"{table}"' in text):
                raise TenantRequired(f"A query on {', '.join(touched)} ran outside tenant().")
        return execute(sql, params, many, context)


def guard_connection(*, connection: BaseDatabaseWrapper, **_: Any) -> None:
    """Receiver of connection_created: puts the guard on each new connection once."""
    if not any(isinstance(wrapper, TenantGuard) for wrapper in connection.execute_wrappers):
        connection.execute_wrappers.append(TenantGuard())
