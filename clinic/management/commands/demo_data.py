"""`manage.py demo_data [--reset]`: fills the demo, or begins its visits anew. Run at every `make run`."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from clinic.demo import NotADemo, refresh_demo


class Command(BaseCommand):
    """The same people each time; their hours fit the moment of the start."""

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--reset", action="store_true", help="also take away what was added by hand")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            refresh_demo(at=timezone.now(), reset=options["reset"])
        except NotADemo as error:
            raise CommandError(str(error)) from None
        self.stdout.write("The demo is ready.")
