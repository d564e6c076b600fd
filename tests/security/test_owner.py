"""The owner of the tables migrates them; it does not read past the walls."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connections

from tests.world import World


@pytest.mark.parametrize(
    "statement", ["SELECT count(*) FROM accounts_patient", "UPDATE accounts_patient SET first_name = ''"]
)
def test_the_owner_is_held_by_the_walls_too(committed: None, world: World, statement: str) -> None:
    """With a row to read: on an empty table PostgreSQL may answer before it asks the policy."""
    with connections["owner"].cursor() as cursor, pytest.raises(DatabaseError, match="no clinic is set"):
        cursor.execute(statement)
