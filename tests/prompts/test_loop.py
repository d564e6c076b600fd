"""`manage.py deliver_due --loop` as a process: it sends with PostgreSQL alone, outlives its connection and a disk with no room
for its log, ends in good order."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest
from django.db import connection

from accounts.states import ChannelKind
from aftercare.processes import ROOT
from aftercare.tenancy import tenant
from prompts.models import Prompt
from prompts.states import PromptState
from tests.conftest import Standin
from tests.stack import wait_for
from tests.world import World

pytestmark = pytest.mark.usefixtures("committed")


@contextmanager
def looping(standin: Standin, *, says: IO[bytes] | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """Without Valkey: nobody listens where it is told to look for one."""
    account = {"SMS_BASE_URL": standin.base_url, "SMS_ACCOUNT_SID": "AC0", "SMS_AUTH_TOKEN": "standin"}
    env = os.environ | account | {"REDIS_URL": "redis://127.0.0.1:1/0", "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "manage.py", "deliver_due", "--loop"]
    process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=says, stderr=says)
    yield process
    process.kill()
    process.wait(10)


@pytest.fixture
def loop(standin: Standin) -> Iterator[subprocess.Popen[bytes]]:
    with looping(standin) as process:
        yield process


def sent(world: World, count: int) -> Callable[[], bool]:
    def are_sent() -> bool:
        with tenant(world.clinic.pk):
            return Prompt.objects.filter(state=PromptState.SENT).count() == count

    return are_sent


def test_it_outlives_its_connection_and_ends_when_what_is_on_its_way_has_arrived(
    world: World, standin: Standin, due: Callable[..., list[Prompt]], loop: subprocess.Popen[bytes]
) -> None:
    due(channel=ChannelKind.SMS, steps=["first"])
    assert wait_for(sent(world, 1), seconds=30)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
            "WHERE usename = current_user AND pid <> pg_backend_pid()"
        )
        assert cursor.fetchone() != (0,)
    due(channel=ChannelKind.SMS, steps=["second"])
    assert wait_for(sent(world, 2), seconds=30) and loop.poll() is None
    standin.inbox.answers.append({"hang": 1})
    due(channel=ChannelKind.SMS, steps=["third"])
    assert wait_for(lambda: len(standin.inbox.attempts) == 3, seconds=30)
    loop.send_signal(signal.SIGTERM)
    assert loop.wait(30) == 0
    assert sent(world, 3)() and len(standin.inbox.messages) == 3


def test_it_goes_on_where_its_log_has_no_room(world: World, standin: Standin, due: Callable[..., list[Prompt]]) -> None:
    with Path("/dev/full").open("wb") as full, looping(standin, says=full) as loop:
        for number in range(2):
            due(channel=ChannelKind.SMS, steps=[f"step_{number}"])
            assert wait_for(sent(world, number + 1), seconds=30)
        assert loop.poll() is None
        loop.send_signal(signal.SIGTERM)
        assert loop.wait(30) == 0
    assert len(standin.inbox.messages) == 2
