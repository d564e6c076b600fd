"""A Valkey that hangs, stopped and not killed: its connections stay open, and nothing comes back. Real processes, all of them."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
import redis
from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts.states import ChannelKind
from aftercare.devstack import BEAT, WEB, WORKER
from aftercare.embedded import Valkey
from aftercare.processes import Command, Part, Parts, free_port
from aftercare.tenancy import tenant
from prompts.models import Attempt, MessageChoice, Prompt
from prompts.states import PromptState
from tests.chaos.phones import Phone
from tests.conftest import Standin
from tests.journal.pages import send
from tests.stack import is_alive
from tests.world import World

pytestmark = pytest.mark.usefixtures("committed")

LOOP = (sys.executable, "manage.py", "deliver_due", "--loop")
# Longer than our processes wait for a word of Valkey's: what holds on to it has given up once by then.
HANGS = 6.0
# No page may take longer; a page that asked Valkey would take five times as long.
AT_MOST = 3.0


class Cast:
    """Web, worker, beat and loop on the database of the tests, with a Valkey of their own. The worker is kept up."""

    def __init__(self, folder: Path, *, provider: str) -> None:
        folder.mkdir()
        self.port, self._folder = free_port(), folder
        self._log = (folder / "log").open("ab")
        self.parts, self._valkey = Parts(log=self._log), Valkey(folder)
        account = {"SMS_BASE_URL": provider, "SMS_ACCOUNT_SID": "AC0", "SMS_AUTH_TOKEN": "standin"}
        ours = {"REDIS_URL": self._valkey.url, "PUBLIC_URL": f"http://localhost:{self.port}"}
        self._env = os.environ | account | ours

    def start(self) -> None:
        self._valkey.start(self.parts)
        commands: dict[str, Command] = {
            "worker": WORKER,
            "beat": [*BEAT, "-s", str(self._folder / "beat")],
            "loop": LOOP,
            "web": [*WEB, "--port", str(self.port), "aftercare.wsgi:application"],
        }
        for name, command in commands.items():
            self.parts.spawn(name, command, env=self._env)

    @property
    def valkey_url(self) -> str:
        return self._valkey.url

    def pid(self, name: str) -> int:
        return self._part(name).process.pid

    def wait(self, happened: Callable[[], bool], *, seconds: float) -> bool:
        """Meanwhile a worker that ends is started again, as by a supervisor."""

        def has_happened() -> bool:
            if (worker := self._part("worker")).has_ended:
                self.parts.forget(worker)
                self.parts.spawn("worker", WORKER, env=self._env)
            return happened()

        return self.parts.wait_until(has_happened, seconds=seconds)

    def end(self, *names: str) -> None:
        self.parts.stop([part for part in self.parts.running if not names or part.name in names])

    def close(self) -> None:
        for part in self.parts.running:
            part.process.send_signal(signal.SIGCONT)
        self.parts.stop([part for part in self.parts.running if part.name != "valkey"])
        self.end()
        self._log.close()

    def said(self) -> str:
        return (self._folder / "log").read_text(errors="replace")

    def _part(self, name: str) -> Part:
        return next(part for part in self.parts.running if part.name == name)


@pytest.fixture
def cast(tmp_path: Path, standin: Standin) -> Iterator[Cast]:
    made = Cast(tmp_path / "cast", provider=standin.base_url)
    made.start()
    yield made
    made.close()


def test_prompts_leave_and_pages_answer_while_it_hangs_and_the_worker_goes_on_after_it(
    world: World, phone: Client, standin: Standin, due: Callable[..., list[Prompt]], cast: Cast
) -> None:
    browser = Phone(cast.port, phone.cookies[settings.SESSION_COOKIE_NAME].value)
    os.kill(cast.pid("loop"), signal.SIGSTOP)
    due(channel=ChannelKind.SMS, steps=["check_1"])
    assert cast.wait(sent(world, 1), seconds=90), cast.said()  # the beat wakes the worker by this Valkey
    assert cast.wait(lambda: browser.get("/messages/").status == 200, seconds=90), cast.said()

    os.kill(cast.pid("valkey"), signal.SIGSTOP)
    hangs_since = time.monotonic()
    os.kill(cast.pid("loop"), signal.SIGCONT)
    due(channel=ChannelKind.SMS, steps=["bed"])
    assert cast.wait(sent(world, 2), seconds=30), cast.said()
    for address in ("/", "/messages/", "/check-in/", reverse("account_login")):
        assert quickest(lambda address=address: browser.get(address).status) == (200, True), address  # type: ignore[misc]
    assert quickest(lambda: send(browser, "/messages/", {"say": "fewer"}, action="/messages/tap/").status) == (
        303,
        True,
    )
    cast.wait(lambda: time.monotonic() - hangs_since > HANGS, seconds=HANGS)
    assert is_alive(cast.pid("valkey"))

    cast.end("loop")
    os.kill(cast.pid("valkey"), signal.SIGCONT)
    due(channel=ChannelKind.SMS, steps=["after_it"])
    assert cast.wait(sent(world, 3), seconds=60), cast.said()
    assert len(standin.inbox.messages) == 3
    assert [each.requests for each in standin.inbox.attempts.values()] == [1, 1, 1]
    with tenant(world.clinic.pk):
        assert Attempt.objects.count() == 3 and MessageChoice.objects.get().is_fewer


def test_what_a_provider_says_is_kept_where_the_worker_lost_its_broker_meanwhile(
    world: World, standin: Standin, due: Callable[..., list[Prompt]], cast: Cast
) -> None:
    """Valkey is there, and throws everybody out: what is on its way has its end all the same (decision 44)."""
    os.kill(cast.pid("loop"), signal.SIGSTOP)
    standin.inbox.answers.append({"hang": 5})
    due(channel=ChannelKind.SMS, steps=["check_1"])
    assert cast.wait(lambda: bool(standin.inbox.attempts), seconds=90), cast.said()
    with closing(redis.Redis.from_url(cast.valkey_url)) as valkey:
        valkey.client_kill_filter(_type="normal", skipme=True)
    assert cast.wait(sent(world, 1), seconds=20), cast.said()
    with tenant(world.clinic.pk):
        assert [tried.outcome for tried in Attempt.objects.all()] == ["accepted"]


def quickest(ask: Callable[[], int]) -> tuple[int, bool]:
    """What the quickest of four answers was, and whether it came in time: a machine that is busy may hold up some."""
    answers = []
    for _ in range(4):
        began = time.monotonic()
        status = ask()
        answers.append((time.monotonic() - began, status))
    took, status = min(answers)
    return status, took < AT_MOST


def sent(world: World, count: int) -> Callable[[], bool]:
    def are_sent() -> bool:
        with tenant(world.clinic.pk):
            return Prompt.objects.filter(state=PromptState.SENT).count() == count

    return are_sent
