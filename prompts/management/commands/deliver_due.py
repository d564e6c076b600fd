"""`manage.py deliver_due [--loop]`: sends what is due with PostgreSQL alone, for when Valkey or Celery is away."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from prompts.services import deliver_due, look_up, sweep

# What waits to leave is held up by no more than this and one answer that does not come.
LOOKS_FOR = timedelta(seconds=1)


class Command(BaseCommand):
    """The same delivery as the worker's. Both may run at once: a row is claimed by one of them."""

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--loop", action="store_true", help="look again each second, until stopped")

    def handle(self, *args: Any, **options: Any) -> None:
        ticks = 0
        while True:
            is_whole = ticks % 60 == 0
            done = sweep() if is_whole else deliver_due()
            if is_whole:
                look_up(at=timezone.now(), lasts=LOOKS_FOR)
            if done.total or not options["loop"]:
                self.stdout.write(str(done))
            if not options["loop"]:
                return
            ticks += 1
            time.sleep(1)
