"""The loop of `manage.py run_alerts`: four slots that send one notice each, woken by PostgreSQL, and a pulse beside them.

It needs PostgreSQL alone, and outlives it: while the database is away each thread asks again, later and later.
"""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable
from contextlib import suppress

from django.db import DatabaseError, InterfaceError, connection

from alerts.queries import SENDER
from alerts.services.beats import beat
from alerts.services.receipts import hurry_unheard
from alerts.services.rows import WAKE
from alerts.services.sending import send_next
from prompts.services import Pager, pager

log = logging.getLogger(__name__)

SLOTS = 4
# In seconds. Waking is by the database; looking each second is what holds when a wake-up is lost.
LOOKS_EVERY, BEATS_EVERY = 1.0, 5.0
# One try at the provider and what the database needs around it. Nothing claimed for longer: the senders hang.
ALIVE_FOR = 20.0
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 2.0
# After being told to stop: what is on its way is waited for, and no longer.
STOPS_WITHIN = 14.0


class Senders:
    """All threads of one process. `run` returns after `stop` was called, from a signal or another thread."""

    def __init__(self) -> None:
        self._stopping = threading.Event()
        self._woken = threading.Condition()
        self._wakes = 0
        self._claimed_at = -math.inf

    def run(self) -> None:
        with pager() as provider:
            works: list[Callable[[], None]] = [lambda: self._send_due(provider)] * SLOTS
            threads = [self._start(work) for work in (*works, self._keep_pulse)]
            self._insist(self._listen)
            self._wake()
            ends_at = time.monotonic() + STOPS_WITHIN
            for thread in threads:
                thread.join(max(0.0, ends_at - time.monotonic()))

    def stop(self) -> None:
        """Safe in a signal handler: no lock is taken."""
        self._stopping.set()

    def _start(self, work: Callable[[], None]) -> threading.Thread:
        thread = threading.Thread(target=self._insist, args=(work,), daemon=True)
        thread.start()
        return thread

    def _insist(self, work: Callable[[], None]) -> None:
        """Again and again until it is told to stop, whatever it raises; one failure after the other, later and later."""
        pause = FIRST_PAUSE
        while not self._stopping.is_set():
            try:
                work()
                pause = FIRST_PAUSE
            except Exception:
                # A notice that can't be sent comes again when its lease is over, and holds up nobody else's.
                log.exception("A sender of alerts failed")
                with suppress(DatabaseError, InterfaceError):
                    connection.close()
                self._stopping.wait(pause)
                pause = min(pause * 2, LONGEST_PAUSE)
        connection.close()

    def _send_due(self, provider: Pager) -> None:
        """All that is due, then until something is said to be, or a second is over."""
        wakes = self._wakes
        while not self._stopping.is_set() and self._send_one(provider):
            pass
        with self._woken:
            self._woken.wait_for(lambda: self._wakes != wakes, timeout=LOOKS_EVERY)

    def _send_one(self, provider: Pager) -> bool:
        was_due = send_next(provider)
        self._claimed_at = time.monotonic()
        return was_due

    def _listen(self) -> None:
        connection.ensure_connection()
        with connection.cursor() as cursor:
            cursor.execute(f"LISTEN {WAKE}")
        self._wake()
        while not self._stopping.is_set():
            for _ in connection.connection.notifies(timeout=LOOKS_EVERY, stop_after=1):
                self._wake()

    def _wake(self) -> None:
        with self._woken:
            self._wakes += 1
            self._woken.notify_all()

    def _keep_pulse(self) -> None:
        """Only while claims succeed: a loop that hangs, or has no database, has no pulse."""
        if time.monotonic() - self._claimed_at < ALIVE_FOR:
            beat(SENDER)
        hurry_unheard()
        self._stopping.wait(BEATS_EVERY)


def send_all_due() -> int:
    """Sends what is due now, one after the other; how many were looked at. For a person, and for tests."""
    count = 0
    with pager() as provider:
        while send_next(provider):
            count += 1
    return count
