"""Django's migrate, as the owner: the runtime role may not change a table."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser
from django.core.management.commands import migrate
from django.db import connections


class Command(migrate.Command):
    """Migrates over the connection named "owner" unless told otherwise.

    Whatever comes after it waits behind a migration that waits for a lock, so it gives up after two seconds, as everybody does.
    """

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.set_defaults(database="owner")

    def handle(self, *args: Any, **options: Any) -> None:
        with connections[options["database"]].cursor() as cursor:
            cursor.execute("SET lock_timeout = '2s'")
        super().handle(*args, **options)
