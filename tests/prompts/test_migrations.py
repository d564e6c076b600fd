"""A migration that lifts a wall puts it back, forwards and backwards; and none makes a delivery wait behind it for long."""

from __future__ import annotations

import time
from importlib import import_module
from typing import Any

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection, connections, transaction
from django.db.migrations import RunSQL
from django.db.models.signals import pre_migrate


@pytest.mark.parametrize("name", ["0003_asked_for", "0007_fewer_indexes"])
def test_the_wall_is_down_inside_and_up_at_both_ends(name: str) -> None:
    operations = import_module(f"prompts.migrations.{name}").Migration.operations
    first, last = [operation for operation in operations if isinstance(operation, RunSQL)]
    is_down = [" NO FORCE " in str(sql) for sql in (first.sql, last.sql, last.reverse_sql, first.reverse_sql)]
    assert is_down == [True, False, True, False]


def test_a_migration_gives_up_where_somebody_holds_the_table(committed: None) -> None:
    """A backup reads a table for long: what would change it, and all that is due behind that, does not wait for its end."""
    asked: list[float] = []

    def change(using: str, **_: Any) -> None:
        if not asked:
            asked.append(time.monotonic())
            with transaction.atomic(using), connections[using].cursor() as cursor:
                cursor.execute("LOCK TABLE prompts_prompt")

    pre_migrate.connect(change)
    try:
        with transaction.atomic(), connection.cursor() as reader:
            reader.execute("SET LOCAL idle_in_transaction_session_timeout = '30s'")  # else it would wait for ever
            reader.execute("LOCK TABLE prompts_prompt IN ACCESS SHARE MODE")
            with pytest.raises(OperationalError, match="lock timeout"):
                call_command("migrate", verbosity=0, interactive=False)
        assert 1.5 < time.monotonic() - asked[0] < 15
    finally:
        pre_migrate.disconnect(change)
        connections["owner"].close()
