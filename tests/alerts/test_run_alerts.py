"""`manage.py run_alerts` as a process: woken at once, alive only while it works, outlives its database, ends in good order."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from aftercare.processes import ROOT
from aftercare.tenancy import tenant
from alerts.models import Alert, AlertNotice, Heartbeat
from alerts.queries import pulse
from alerts.services import Senders
from tests.alerts.conftest import ago, states
from tests.conftest import Standin
from tests.stack import wait_for
from tests.world import World
from timeline.levels import Level

pytestmark = pytest.mark.usefixtures("committed", "first")
Raised = Callable[..., Alert]
SENT = [(0, 0, "sms", "SENT")]


def start(standin: Standin, *options: str) -> subprocess.Popen[bytes]:
    account = {"SMS_BASE_URL": standin.base_url, "SMS_ACCOUNT_SID": "AC0", "SMS_AUTH_TOKEN": "standin"}
    return subprocess.Popen([sys.executable, "manage.py", "run_alerts", *options], cwd=ROOT, env=os.environ | account)


@pytest.fixture
def sender(standin: Standin) -> Iterator[subprocess.Popen[bytes]]:
    """One copy, alive."""
    process = start(standin)
    assert wait_for(Heartbeat.objects.exists, seconds=30)
    yield process
    process.kill()
    process.wait(10)


def arrived(standin: Standin, count: int = 1) -> Callable[[], bool]:
    return lambda: len(standin.inbox.messages) == count


def test_it_is_woken_at_the_commit(standin: Standin, sender: subprocess.Popen[bytes], raised: Raised) -> None:
    waits = []
    for number in range(1, 6):
        began = time.monotonic()
        raised(Level.URGENT)
        assert wait_for(arrived(standin, number), seconds=5)
        waits.append(time.monotonic() - began)
    assert sorted(waits)[2] < 0.6, "the median of five is sooner than looking each second could be"


def test_a_step_leaves_at_its_minute(
    world: World, standin: Standin, sender: subprocess.Popen[bytes], raised: Raised
) -> None:
    alert = raised(Level.URGENT, at=ago(minutes=4, seconds=58))
    assert wait_for(arrived(standin, 3), seconds=6)  # seat 0 at 0 and, by both channels, at 5
    assert {state for *_, state in states(world, alert, step=2)} == {"WAITING"}


def test_it_outlives_the_loss_of_every_connection(
    world: World, standin: Standin, sender: subprocess.Popen[bytes], raised: Raised
) -> None:
    for number in range(1, 4):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
                "WHERE usename = current_user AND pid <> pg_backend_pid()"
            )
            assert cursor.fetchone() != (0,)
        alert = raised(Level.URGENT)
        assert wait_for(arrived(standin, number), seconds=15)
        assert wait_for(lambda alert=alert: states(world, alert, step=0) == SENT, seconds=5)  # type: ignore[misc]
    assert sender.poll() is None


def test_told_to_stop_it_ends_after_what_is_on_its_way(
    world: World, standin: Standin, sender: subprocess.Popen[bytes], raised: Raised
) -> None:
    standin.inbox.answers.append({"hang": 2})
    alert = raised(Level.URGENT)
    assert wait_for(arrived(standin), seconds=5)
    sender.send_signal(signal.SIGTERM)
    began = time.monotonic()
    assert sender.wait(10) == 0 and time.monotonic() - began < 5
    assert states(world, alert, step=0) == SENT


def test_killed_while_it_sends_the_other_copy_sends_again_and_it_arrives_once(
    world: World, standin: Standin, sender: subprocess.Popen[bytes], raised: Raised
) -> None:
    standin.inbox.answers.append({"hang": 60})
    alert = raised(Level.URGENT)
    assert wait_for(arrived(standin), seconds=5)
    sender.kill()
    other = start(standin)
    try:
        with tenant(world.clinic.pk):
            AlertNotice.objects.exclude(lease_until=None).update(lease_until=ago(seconds=1))
        assert wait_for(lambda: states(world, alert, step=0) == SENT, seconds=20)
    finally:
        other.kill()
        other.wait(10)
    (attempts,) = standin.inbox.attempts.values()
    assert (attempts.requests, attempts.arrived) == (2, 1)


def test_once_sends_what_is_due_and_ends(world: World, standin: Standin, raised: Raised) -> None:
    alert = raised(Level.URGENT)
    assert start(standin, "--once").wait(30) == 0
    assert states(world, alert, step=0) == SENT and arrived(standin)()


def run_for(senders: Senders, happened: Callable[[], bool], *, then: Callable[[], None] = lambda: None) -> bool:
    thread = threading.Thread(target=senders.run, daemon=True)
    thread.start()
    try:
        return wait_for(happened, seconds=10)
    finally:
        then()
        senders.stop()
        thread.join(20)


@pytest.mark.usefixtures("standin")
def test_a_sender_that_hangs_has_no_pulse(monkeypatch: pytest.MonkeyPatch) -> None:
    goes_on, calls = threading.Event(), []

    def send_next(_: object) -> bool:
        calls.append(1)
        if len(calls) > 8:
            goes_on.wait(10)
        return False

    for name, value in {"send_next": send_next, "BEATS_EVERY": 0.05, "ALIVE_FOR": 0.5, "LOOKS_EVERY": 0.1}.items():
        monkeypatch.setattr(f"alerts.services.running.{name}", value)
    monkeypatch.setattr("alerts.queries.LATE_AFTER", timedelta(seconds=1))
    seen = []

    def is_late() -> bool:
        seen.append(pulse(timezone.now()))
        return seen[-1].age is not None and seen[-1].is_late

    assert run_for(Senders(), is_late, then=goes_on.set)
    assert any(not each.is_late for each in seen), "it was alive before"


@pytest.mark.usefixtures("standin")
def test_a_sender_that_never_reaches_its_rows_has_no_pulse(monkeypatch: pytest.MonkeyPatch) -> None:
    tries = []

    def send_next(_: object) -> bool:
        tries.append(1)
        raise RuntimeError

    monkeypatch.setattr("alerts.services.running.send_next", send_next)
    assert run_for(Senders(), lambda: len(tries) > 8)
    assert not Heartbeat.objects.exists()
