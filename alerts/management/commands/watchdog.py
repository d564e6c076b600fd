"""`manage.py watchdog [--once]`: pages the platform's people when alerts or messages do not go out. One, best on another host."""

from __future__ import annotations

import signal
import sys
import threading
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from alerts.services import Watchdog, look
from alerts.watch import LOOKS_EVERY


class Command(BaseCommand):
    """Looks each 15 seconds; with --once, says what it sees, pages nobody, and ends with 1 when something is wrong."""

    help = __doc__
    # It has to run when all else is wrong.
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="look, say what is there, and end")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["once"]:
            seen = look()
            found = [*seen.troubles, *(["unheard"] if seen.is_unheard else [])]
            self.stdout.write(f"{seen}: {', '.join(found) or 'all is well'}")
            sys.exit(bool(found))
        if not (settings.PLATFORM_ON_CALL and settings.WATCHDOG_SMS_BASE_URL):
            self.stderr.write("It can page nobody: set PLATFORM_ON_CALL and WATCHDOG_SMS_BASE_URL.")
        stopping, watchdog = threading.Event(), Watchdog()
        for each in (signal.SIGTERM, signal.SIGINT):
            signal.signal(each, lambda *_: stopping.set())
        while not stopping.is_set():
            watchdog.look(at=timezone.now())
            stopping.wait(LOOKS_EVERY.total_seconds())
