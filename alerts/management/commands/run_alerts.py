"""`manage.py run_alerts [--once]`: sends what alerts tell people on duty. Run two of it, each under a supervisor."""

from __future__ import annotations

import signal
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from alerts.services import Senders, send_all_due


class Command(BaseCommand):
    """Needs PostgreSQL and the provider: no Valkey, no worker, no web. Ends at SIGTERM when what is on its way has arrived."""

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="send what is due now, and end")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["once"]:
            self.stdout.write(f"{send_all_due()} looked at")
            return
        senders = Senders()
        for each in (signal.SIGTERM, signal.SIGINT):
            signal.signal(each, lambda *_: senders.stop())
        senders.run()
