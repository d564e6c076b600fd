"""`python -m tests.chaos.watchdog`: all of ours is killed; how long until the platform's person on call has a text?

Twice: with PostgreSQL left alive, and without. One line of JSON; 1 when it took longer than promised, when nobody was told, or
when the dead-man's address was told that all is well after the kill.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aftercare.processes import StackError
from tests.chaos.checker import Checker
from tests.chaos.stage import Stage

ON_CALL = "+15550109999"
PROMISED, WAITS = 120.0, 150.0
# It looks a few times while all is well, so that its silence afterwards is news.
WELL_FOR = 20.0


class DeadMan(ThreadingHTTPServer):
    """Whom the watchdog tells that all is well: the addresses that were asked for, and when."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Ping)
        self.pings: list[tuple[float, str]] = []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/ping/aftercare"

    def well_between(self, since: float, until: float) -> int:
        return sum(since <= at < until and not path.endswith("/fail") for at, path in self.pings)


class _Ping(BaseHTTPRequestHandler):
    server: DeadMan

    def do_GET(self) -> None:
        self.server.pings.append((time.time(), self.path))
        self.send_response(200)
        self.end_headers()

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, *_: Any) -> None:
        """Nothing."""


def measure(*, with_postgres: bool) -> dict[str, Any]:
    dead_man = DeadMan()
    stage = Stage()
    checker = Checker(stage.postgres.url("postgres"), f"http://127.0.0.1:{stage.provider_port}")
    try:
        stage.start_stores()
        stage.start_apps()
        stage.start_watchdog(on_call=ON_CALL, ping_url=dead_man.url)
        stage.wait(checker.has_senders, seconds=30)
        began = time.time()
        stage.wait(lambda: time.time() - began > WELL_FOR, seconds=WELL_FOR + 5)
        early = _texts(checker)
        killed_at = time.time()
        stage.let_lie()
        for name in ["web", *stage.senders, "worker", "beat", *(["postgres"] if with_postgres else [])]:
            stage.kill(name, away=0)
        stage.wait(lambda: bool(_texts(checker)), seconds=WAITS)
        texts = _texts(checker)
        return {
            "killed": "all and PostgreSQL" if with_postgres else "all but PostgreSQL",
            "paged_after": round(texts[0] - killed_at, 1) if texts and not early else None,
            "paged_before": len(early),
            "well_before": dead_man.well_between(0, killed_at),
            # A look that was under way may still end well.
            "well_after": dead_man.well_between(killed_at + 1, time.time()),
        }
    finally:
        stage.stop()
        dead_man.shutdown()
        dead_man.server_close()


def _texts(checker: Checker) -> list[float]:
    """When texts to the person on call arrived."""
    return [float(message["at"]) for message in checker.messages() if message["to"] == ON_CALL]


def broken(facts: dict[str, Any]) -> list[str]:
    """A sentence for each promise that one measurement broke."""
    late = facts["paged_after"] is None or facts["paged_after"] > PROMISED
    told = {
        f"nobody was paged within {PROMISED:g} s": late,
        "somebody was paged while all was well": bool(facts["paged_before"]),
        "the dead-man's address never heard that all is well": not facts["well_before"],
        "the dead-man's address heard that all is well after the kill": bool(facts["well_after"]),
    }
    return [f"{facts['killed']}: {sentence}" for sentence, is_so in told.items() if is_so]


def main() -> int:
    try:
        found = [measure(with_postgres=False), measure(with_postgres=True)]
    except StackError as error:
        print(json.dumps({"broken": [str(error)]}))
        return 1
    wrong = [sentence for facts in found for sentence in broken(facts)]
    print(json.dumps({"runs": found, "broken": wrong}))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
