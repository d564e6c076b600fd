"""A mail server that speaks for others, and rows that are due."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import Channel
from accounts.states import ChannelKind
from aftercare.processes import free_port
from aftercare.settings import mail_server
from aftercare.tenancy import as_sender, tenant
from prompts.channels.inbox import Inbox
from prompts.channels.mailstandin import MailStandIn
from prompts.models import Prompt, WayHold
from tests.conftest import Standin
from tests.stack import wait_for
from tests.world import World
from timeline.models import Treatment

NUMBER, ADDRESS = "+15550100177", "Maya.Torres@example.org"
# The last thing that a delivery reads before it writes its letters.
CHANNELS_READ = "prompts_read_by_clinic"


def ago(**values: float) -> datetime:
    return timezone.now() - timedelta(**values)


@pytest.fixture
def mail(standin: Standin, settings: Settings) -> Iterator[Inbox]:
    """A mail server on loopback beside the provider for texts, to which the settings point; both fill one inbox."""
    server = MailStandIn(standin.inbox, port=free_port())
    server.start()
    settings.EMAIL_SERVER = mail_server(f"smtp://127.0.0.1:{server.port}")
    settings.EMAIL_FROM = "notes@aftercare.example"
    yield standin.inbox
    server.stop()


@pytest.fixture
def due(world: World) -> Callable[..., list[Prompt]]:
    """due(3): three e-mails of one patient, due a minute ago, in windows open for half an hour. Or texts, or both.

    `steps` are names of the document's own; others are none of it.
    """

    def make(
        count: int = 1, *, channel: str = ChannelKind.EMAIL, steps: Sequence[str] = (), **values: Any
    ) -> list[Prompt]:
        with tenant(world.clinic.pk):
            agree(world)
            treatment = Treatment.objects.first() or world.treatment(
                hour_zero=ago(hours=4),
                started_at=ago(hours=5),
                started_by=world.nurse,
                ended_at=ago(hours=4),
                ended_by=world.nurse,
                plan_number=1,
            )
            values = {"due_at": ago(minutes=1), "channel": channel, "kind": "check_in", **values}
            names = steps or [f"step_{number}" for number in range(count)]
            return [world.prompt(treatment, step=name, **values) for name in names]

    return make


def agree(world: World) -> None:
    """Texts and e-mails to the world's patient were agreed to."""
    for kind, address in ((ChannelKind.SMS, NUMBER), (ChannelKind.EMAIL, ADDRESS)):
        Channel.objects.get_or_create(
            clinic=world.clinic,
            patient=world.patient,
            kind=kind,
            defaults={"address": address, "consented_at": ago(days=1)},
        )


def quiet(world: World, *, begins: timedelta, lasts: timedelta = timedelta(hours=10)) -> datetime:
    """The patient's quiet hours begin so long from now. Returns when."""
    begins_at = (timezone.now() + begins).astimezone(ZoneInfo(world.patient.zone))
    world.patient.quiet_starts_at, world.patient.quiet_ends_at = begins_at.time(), (begins_at + lasts).time()
    with tenant(world.clinic.pk):
        world.patient.save()
    return begins_at


@contextmanager
def after_statement(words: str, act: Callable[[], object]) -> Iterator[None]:
    """What `act` does comes between two steps of ours: once, right after the first statement that holds these words."""
    acts = [act]

    def watch(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        result = execute(sql, params, many, context)
        if acts and words in str(sql):
            acts.pop()()
        return result

    with connection.execute_wrapper(watch):
        yield


@contextmanager
def in_flight(mail: Inbox, act: Callable[[], object]) -> Iterator[None]:
    """What somebody else does while the provider thinks."""

    def follow() -> None:
        assert wait_for(lambda: bool(mail.attempts), seconds=30)
        with closing(connection):
            act()

    with ThreadPoolExecutor(1) as thread:
        done = thread.submit(follow)
        yield
    done.result()


def row(world: World, prompt: Prompt) -> Prompt:
    with tenant(world.clinic.pk):
        return Prompt.objects.get(pk=prompt.pk)


def let_the_lease_end(world: World) -> None:
    """And what providers asked for."""
    with tenant(world.clinic.pk):
        Prompt.objects.exclude(lease_until=None).update(lease_until=ago(seconds=1))
    with as_sender():
        WayHold.objects.update(until=ago(seconds=1))
