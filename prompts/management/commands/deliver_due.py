"""`manage.py deliver_due [--loop]`: sends what is due with PostgreSQL alone, so that it leaves while Valkey or Celery is away."""

from __future__ import annotations

import logging
import signal
import threading
import time
from contextlib import suppress
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError, InterfaceError, connection

from aftercare.outbox import database_now
from prompts.services import Delivery, deliver_due, look_up, sweep

log = logging.getLogger(__name__)

# Seconds between two looks, and between two whole ones.
LOOKS_EVERY, WHOLE_EACH = 1.0, 60.0
# After a failure of the database: later and later.
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 4.0
# What waits to leave is held up by no more than this and one answer that does not come.
LOOKS_FOR = timedelta(seconds=1)


class Command(BaseCommand):
    """The same delivery as the worker's. Both may run at once: a row is claimed by one of them.

    It outlives its database. Told to end while it waits, it ends at once; else when what is on its way has an answer.
    """

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--loop", action="store_true", help="look again each second, until stopped")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["loop"]:
            self.stdout.write(str(_looked(is_whole=True)))
            return
        stopping = threading.Event()
        for each in (signal.SIGTERM, signal.SIGINT):
            signal.signal(each, lambda *_: stopping.set())
        self._loop(stopping)

    def _loop(self, stopping: threading.Event) -> None:
        whole_at, pause = time.monotonic(), FIRST_PAUSE
        while not stopping.is_set():
            is_whole = time.monotonic() >= whole_at
            try:
                done = _looked(is_whole=is_whole)
            except (DatabaseError, InterfaceError):
                log.exception("What is due could not be looked at")
                with suppress(DatabaseError, InterfaceError):
                    connection.close()
                stopping.wait(pause)
                pause = min(pause * 2, LONGEST_PAUSE)
                continue
            if done.total:
                # Not printed: a disk with no room for the log would end the loop.
                log.info("Delivered", extra={"counts": done.counts})
            whole_at = time.monotonic() + WHOLE_EACH if is_whole else whole_at
            pause = FIRST_PAUSE
            stopping.wait(LOOKS_EVERY)


def _looked(*, is_whole: bool) -> Delivery:
    """Sends what is due now. A whole look sees what was due long ago too, and asks after texts of which nobody knows."""
    done = sweep() if is_whole else deliver_due()
    if is_whole:
        look_up(at=database_now(), lasts=LOOKS_FOR)
    return done
