"""`manage.py setup_roles`: the three roles that own nothing. Run as the owner, once, before the first migrate."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import connections
from psycopg import sql

# {runtime} signs in and works with one clinic's rows. {sender} is put on for a moment, and sees prompts only; {journal} likewise,
# and sees the journal only. NOINHERIT keeps their rights away from the runtime role until they are put on.
STATEMENTS = (
    "GRANT USAGE ON SCHEMA public TO {runtime}, {sender}, {journal}",
    "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {runtime}",
    "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {runtime}, {sender}, {journal}",
)


class Command(BaseCommand):
    """Makes the runtime and the sender role where they are missing, and says what each may do."""

    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        names = {"runtime": settings.RUNTIME_ROLE, "sender": settings.SENDER_ROLE, "journal": settings.JOURNAL_ROLE}
        with connections["owner"].cursor() as cursor:
            cursor.execute("SELECT current_user")
            (owner,) = cursor.fetchone()
            if owner == names["runtime"]:
                self.stderr.write("MIGRATE_DATABASE_URL and DATABASE_URL name the same role. Use two.")
                raise SystemExit(1)
            cursor.execute("SELECT rolname FROM pg_roles WHERE rolname = ANY(%s)", [list(names.values())])
            there = {name for (name,) in cursor.fetchall()}
            for key, attributes in (("runtime", "LOGIN NOINHERIT"), ("sender", "NOLOGIN"), ("journal", "NOLOGIN")):
                if names[key] not in there:
                    cursor.execute(sql.SQL("CREATE ROLE {} " + attributes).format(sql.Identifier(names[key])))
            grants = []
            for key in ("sender", "journal"):
                cursor.execute("SELECT pg_has_role(%s, %s, 'MEMBER')", [names["runtime"], names[key]])
                # Asked first: from PostgreSQL 16 on, only who made a role may grant it, and an administrator may have made it.
                grants += [] if cursor.fetchone() == (True,) else [f"GRANT {{{key}}} TO {{runtime}}"]
            parts = {key: sql.Identifier(name) for key, name in names.items()}
            for statement in (*grants, *STATEMENTS):
                cursor.execute(sql.SQL(statement).format(**parts))
        self.stdout.write(f"Roles {', '.join(names.values())} are ready.")
