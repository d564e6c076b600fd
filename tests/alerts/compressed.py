"""`python -m tests.alerts.compressed --n 1000 --seed 1`: many alerts, acknowledged at random times, on a compressed clock.

Real PostgreSQL that writes to disk, two `manage.py run_alerts` as they are, and the provider's stand-in, each a process.
Compressed is only when notices are due: in the transaction that raises an alert, each minute of its steps becomes five seconds
(SCALE in compressed_play). Nothing in the senders knows of it. Deviations are of the wall clock: what a step costs in seconds
stays the same however long its minutes are, and the load is twelve times as dense as the real one. The rule of two minutes
without a receipt stays two real minutes, longer than any compressed step, so it plays no part here.

Prints one JSON line. Ends with 1 when a promise is broken: a step after an acknowledgement, a missing step, a doubled one, one
that is early, or one more than ten seconds from its minute.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import shutil
import sys
import tempfile
import urllib.request
from pathlib import Path
from typing import Any

import django
from django.core.management import call_command
from django.db import connections
from django.utils.module_loading import import_string

from aftercare.embedded import OWNER, RUNTIME, Postgres
from aftercare.processes import Parts, free_port
from tests.services import SET, UNSET, UNSET_SMS


class Servers:
    """What the run needs, in a folder that goes with it."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="aftercare-compressed-"))
        self._log = (self.folder / "log").open("ab")
        self._parts = Parts(log=self._log)
        self._provider = f"http://127.0.0.1:{free_port()}"

    def start(self) -> None:
        """Until the tables are there. Django is set up afterwards."""
        postgres = Postgres(self.folder, socket_folder=self.folder)
        postgres.start(self._parts)
        for name in (*UNSET, *UNSET_SMS):
            os.environ.pop(name, None)
        os.environ.update(SET, STATIC_ROOT=str(self.folder), DJANGO_SETTINGS_MODULE="aftercare.settings")
        os.environ.update(DATABASE_URL=postgres.url(RUNTIME), MIGRATE_DATABASE_URL=postgres.url(OWNER))
        os.environ.update(SMS_BASE_URL=self._provider, SMS_ACCOUNT_SID="AC0", SMS_AUTH_TOKEN="standin")
        django.setup()
        call_command("setup_roles", stdout=io.StringIO())
        call_command("migrate", verbosity=0, interactive=False)
        ports = ("--port", self._provider.rpartition(":")[2], "--mail-port", str(free_port()))
        self._parts.spawn("providers", [sys.executable, "-m", "prompts.channels.standin", *ports])
        for number in (1, 2):
            self._parts.spawn(f"alerts-{number}", [sys.executable, "manage.py", "run_alerts"])

    def attempts(self) -> dict[str, dict[str, Any]]:
        """Of each key: how many messages it made, and when the first was taken."""
        with urllib.request.urlopen(f"{self._provider}/attempts.json", timeout=30) as answer:  # noqa: S310  loopback
            found: dict[str, dict[str, Any]] = json.load(answer)
            return found

    def stop(self) -> None:
        connections.close_all()
        self._parts.stop(self._parts.running[1:])
        self._parts.stop(self._parts.running[:])
        self._log.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.alerts.compressed", description=__doc__)
    parser.add_argument("--n", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    told = parser.parse_args()
    servers = Servers()
    try:
        servers.start()
        play = import_string("tests.alerts.compressed_play.Play")(n=told.n, seed=told.seed)  # it needs the settings
        play.run()
        facts, is_broken = play.judge(servers.attempts())
        print(json.dumps({"n": told.n, "seed": told.seed, **facts}))
        return int(is_broken)
    finally:
        servers.stop()


if __name__ == "__main__":
    sys.exit(main())
