"""The owner of the tables migrates them; it does not read past the walls."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connections


@pytest.mark.parametrize(
    "statement", ["SELECT count(*) FROM accounts_patient", "UPDATE prompts_prompt SET reason = ''"]
)
def test_the_owner_is_held_by_the_walls_too(committed: None, statement: str) -> None:
    with connections["owner"].cursor() as cursor, pytest.raises(DatabaseError, match="no clinic is set"):
        cursor.execute(statement)
