"""A release while messages leave: tables grow under the code of before, a worker is told to end, and they shrink again."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable, Iterator, Sequence

import psycopg
import pytest
from celery import Celery
from django.db import NotSupportedError

from accounts.states import ChannelKind
from aftercare.devstack import WORKER
from aftercare.processes import ROOT
from aftercare.tenancy import tenant
from prompts.models import Attempt, Prompt
from prompts.services import deliver_due
from prompts.states import PromptState
from tests.conftest import Standin
from tests.stack import wait_for
from tests.world import World

pytestmark = pytest.mark.usefixtures("committed")

TABLES = ("prompts_prompt", "prompts_attempt")
# What the next release brings first, of which the code that runs knows nothing; and what it takes away when that is gone.
EXPAND = [
    *(f"ALTER TABLE {table} ADD COLUMN of_next_release integer NOT NULL DEFAULT 0" for table in TABLES),
    "ALTER TABLE prompts_prompt ALTER COLUMN reason TYPE varchar(41)",
]
CONTRACT = [
    *(f"ALTER TABLE {table} DROP COLUMN IF EXISTS of_next_release" for table in TABLES),
    "ALTER TABLE prompts_prompt ALTER COLUMN reason TYPE varchar(40)",
]


def migrate(statements: Sequence[str]) -> None:
    with psycopg.connect(os.environ["MIGRATE_DATABASE_URL"], options="-c lock_timeout=2000") as owner:
        for statement in statements:
            owner.execute(statement.encode())


@pytest.fixture
def worker(standin: Standin) -> Iterator[subprocess.Popen[bytes]]:
    account = {"SMS_BASE_URL": standin.base_url, "SMS_ACCOUNT_SID": "AC0", "SMS_AUTH_TOKEN": "standin"}
    process = subprocess.Popen(WORKER, cwd=ROOT, env=os.environ | account)
    yield process
    process.kill()
    process.wait(10)


def woken(happened: Callable[[], bool]) -> bool:
    """As the beat does, until it has happened."""
    with Celery(broker=os.environ["REDIS_URL"], set_as_current=False) as beat:
        for _ in range(60):
            beat.send_task("prompts.tasks.deliver_due", queue="prompts", expires=1)
            if wait_for(happened, seconds=0.5):
                return True
    return False


def test_each_message_leaves_once_while_the_schema_grows_and_shrinks_and_its_worker_ends(
    world: World, standin: Standin, due: Callable[..., list[Prompt]], worker: subprocess.Popen[bytes]
) -> None:
    taken, attempts = standin.inbox.messages, standin.inbox.attempts
    due(channel=ChannelKind.SMS, steps=["before"])
    assert woken(lambda: len(taken) == 1 and are_sent(world, 1))
    assert str(deliver_due()) == "nothing due"  # as another sender: its plans are of before
    standin.inbox.answers.append({"hang": 4})
    due(channel=ChannelKind.SMS, steps=["in_flight"])
    assert woken(lambda: len(attempts) == 2)
    try:
        migrate(EXPAND)
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(20) == 0 and are_sent(world, 2)
        due(channel=ChannelKind.SMS, steps=["between"])
        assert delivered() == "sent 1"
    finally:
        migrate(CONTRACT)
    due(channel=ChannelKind.SMS, steps=["after"])
    assert delivered() == "sent 1"
    assert len(taken) == 4 and [each.requests for each in attempts.values()] == [1] * 4
    with tenant(world.clinic.pk):
        assert list(Attempt.objects.values_list("outcome", flat=True)) == ["accepted"] * 4


def delivered() -> str:
    """By the connection of before: a plan that a migration made void fails once."""
    try:
        return str(deliver_due())
    except NotSupportedError:
        return str(deliver_due())


def are_sent(world: World, count: int) -> bool:
    with tenant(world.clinic.pk):
        return Prompt.objects.filter(state=PromptState.SENT).count() == count
