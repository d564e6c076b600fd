"""Refuses to start as a database role that could see over the walls between clinics."""

from __future__ import annotations

from django.db.backends.base.base import BaseDatabaseWrapper

_FACTS = """
SELECT current_user, rolsuper, rolbypassrls,
       EXISTS (SELECT FROM pg_class WHERE relowner = pg_roles.oid AND relkind IN ('r', 'p', 'v', 'm', 'f'))
  FROM pg_roles WHERE rolname = current_user
"""


class UnsafeRole(SystemExit):
    """DATABASE_URL names a role that row-level security does not hold. Ends the process with one line."""


def refuse_owner(connection: BaseDatabaseWrapper) -> None:
    """Looks at the role behind this connection once, and closes it. Raises UnsafeRole."""
    with connection.cursor() as cursor:
        cursor.execute(_FACTS)
        role, is_superuser, bypasses, owns = cursor.fetchone()
    connection.close()
    for is_so, words in (
        (is_superuser, "is a superuser"),
        (bypasses, "bypasses row-level security"),
        (owns, "owns tables"),
    ):
        if is_so:
            raise UnsafeRole(
                f"DATABASE_URL signs in as {role}, which {words}. Use the runtime role that setup_roles made."
            )
