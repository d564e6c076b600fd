"""A migration that lifts a wall puts it back, forwards and backwards."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.db.migrations import RunSQL


@pytest.mark.parametrize("name", ["0003_asked_for", "0007_fewer_indexes"])
def test_the_wall_is_down_inside_and_up_at_both_ends(name: str) -> None:
    operations = import_module(f"prompts.migrations.{name}").Migration.operations
    first, last = [operation for operation in operations if isinstance(operation, RunSQL)]
    is_down = [" NO FORCE " in str(sql) for sql in (first.sql, last.sql, last.reverse_sql, first.reverse_sql)]
    assert is_down == [True, False, True, False]
