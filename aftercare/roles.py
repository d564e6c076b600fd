"""Refuses to start as a database role that could see over the walls between clinics."""

from __future__ import annotations

from django.db.backends.base.base import BaseDatabaseWrapper

# Of the role itself and of every role that it could put on.
_FACTS = """
SELECT current_user, bool_or(rolsuper), bool_or(rolbypassrls),
       EXISTS (SELECT FROM pg_class WHERE relkind IN ('r', 'p', 'v', 'm', 'f') AND pg_has_role(relowner, 'MEMBER'))
  FROM pg_roles WHERE pg_has_role(oid, 'MEMBER')
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
        (is_superuser, "is or can become a superuser"),
        (bypasses, "can bypass row-level security"),
        (owns, "owns tables"),
    ):
        if is_so:
            raise UnsafeRole(
                f"DATABASE_URL signs in as {role}, which {words}. Use the runtime role that setup_roles made."
            )
