"""PostgreSQL's disk is full: what can't be claimed does not leave, what left is known, and all of it goes on once there is room.

Where a file system of our own may be mounted, a real one is filled. What it refuses depends on how full its pages are, so each
statement of a delivery is refused once besides, by a trigger that raises the error of a full disk (53100) in its place.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import psycopg
import pytest
from django.db import OperationalError
from django.test import Client
from django.urls import reverse

from accounts.states import ChannelKind
from aftercare.embedded import Postgres
from aftercare.processes import Command, Part, Parts
from aftercare.tenancy import tenant
from prompts.models import Attempt, Prompt
from prompts.services import deliver_due, sweep
from prompts.states import PromptState
from tests.chaos.checker import Checker
from tests.chaos.stage import Stage
from tests.conftest import Standin
from tests.prompts.conftest import let_the_lease_end
from tests.stack import wait_for
from tests.world import World

LOOP = (sys.executable, "manage.py", "deliver_due", "--loop")
FAILED = "What is due could not be looked at"
# The three transactions of a delivery, each by the last thing that it writes.
CLAIM = "UPDATE ON prompts_prompt FOR EACH ROW WHEN (NEW.tries > OLD.tries)"
BEGIN = "INSERT ON prompts_attempt FOR EACH ROW"
END = "UPDATE ON prompts_attempt FOR EACH ROW"


@contextmanager
def refused(event: str) -> Iterator[None]:
    """There is no room for this, whoever ends it."""
    with psycopg.connect(os.environ["MIGRATE_DATABASE_URL"], autocommit=True) as owner:
        owner.execute(
            "CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE 'could not extend file' USING ERRCODE = 'disk_full'; END $$"
        )
        try:
            owner.execute(f"CREATE TRIGGER no_room BEFORE {event} EXECUTE FUNCTION no_room()".encode())
            yield
        finally:
            owner.execute("DROP FUNCTION no_room CASCADE")


@pytest.mark.parametrize("event", [CLAIM, BEGIN])
def test_what_finds_no_room_before_it_leaves_stays_and_leaves_once_there_is(
    world: World, standin: Standin, due: Callable[..., list[Prompt]], committed: None, event: str
) -> None:
    due(2, channel=ChannelKind.SMS)
    with refused(event), suppress(OperationalError):
        deliver_due()
    assert standin.inbox.attempts == {}
    let_the_lease_end(world)
    assert str(deliver_due()) == "sent 2"
    assert len(standin.inbox.messages) == 2


def test_what_finds_no_room_after_it_left_is_written_once_there_is_and_never_sent_again(
    world: World, standin: Standin, due: Callable[..., list[Prompt]], committed: None
) -> None:
    due(2, channel=ChannelKind.SMS)
    with ExitStack() as full, ThreadPoolExecutor(1) as thread:
        full.enter_context(refused(END))

        def make_room() -> None:
            assert wait_for(lambda: len(standin.inbox.messages) == 2, seconds=10)
            time.sleep(0.3)  # the first time that it was to be written is over
            full.close()

        room = thread.submit(make_room)
        assert str(deliver_due()) == "sent 2"
        room.result()
    assert [each.requests for each in standin.inbox.attempts.values()] == [1, 1]
    with tenant(world.clinic.pk):
        assert list(Attempt.objects.values_list("outcome")) == [("accepted",)] * 2


def test_where_no_room_comes_in_time_it_is_unknown_and_never_sent_again(
    world: World, standin: Standin, due: Callable[..., list[Prompt]], committed: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("prompts.services.delivery._PAUSES", (0.01, 0.01))
    due(2, channel=ChannelKind.SMS)
    with refused(END), suppress(OperationalError):
        deliver_due()
    let_the_lease_end(world)
    assert str(sweep()) == "unknown 2"
    assert [each.requests for each in standin.inbox.attempts.values()] == [1, 1]


def test_a_tap_that_finds_no_room_says_that_we_are_not_here_for_a_moment(
    world: World, phone: Client, due: Callable[..., list[Prompt]], committed: None
) -> None:
    due(channel=ChannelKind.SMS, steps=["check_1"])
    phone.raise_request_exception = False
    with refused("INSERT OR UPDATE ON prompts_messagechoice FOR EACH ROW"):
        answer = phone.post(reverse("prompts:tap"), {"say": "fewer"})
    assert (answer.status_code, answer["Retry-After"]) == (503, "60")
    assert "What you typed may still be there" in answer.content.decode()
    assert phone.post(reverse("prompts:tap"), {"say": "fewer"}).status_code == 303


# Megabytes; and messages: more than the last of their pages has room to note a claim of.
SIZE, MANY = 256, 100
_AS_NOBODY = "unshare --user --map-user=65534 --map-group=65534"
_MOUNTED = ("unshare", "--user", "--map-root-user", "--mount", "sh", "-ec")
_SERVE = f'mount -t tmpfs -o size={SIZE}m none "$1"; cp -a "$0" "$1"; shift; exec {_AS_NOBODY} "$@"'


class OnSmallDisk(Postgres):
    """A copy of the cluster on a file system that only this server sees, and that any user may mount for themselves."""

    def __init__(self, data: Path) -> None:
        super().__init__(data, durable=False)
        self._disk = data / "disk"
        self._disk.mkdir()
        self._pid = 0

    @property
    def disk(self) -> Path:
        """As the server sees it."""
        return Path(f"/proc/{self._pid}/root{self._disk}")

    def _server(self) -> Command:
        postgres, option, cluster, *options = super()._server()
        there = self._disk / Path(cluster).name
        return [*_MOUNTED, _SERVE, cluster, self._disk, postgres, option, there, *options, "-c", "autovacuum=off"]

    def start(self, parts: Parts) -> None:
        prefix, self._prefix = self._prefix, []
        if not self._cluster.exists():
            self._prefix = prefix
            self._make_cluster()
            self._prefix = []
        super().start(parts)

    def _is_ready(self, part: Part) -> bool:
        self._pid, cluster = part.process.pid, self._cluster
        self._cluster = self.disk / cluster.name
        try:
            return super()._is_ready(part)
        finally:
            self._cluster = cluster


@pytest.fixture
def small() -> Iterator[tuple[Stage, OnSmallDisk]]:
    """A provider, and PostgreSQL on a small disk; no Valkey, and nothing that sends."""
    if subprocess.run([*_MOUNTED, "mount -t tmpfs none /mnt"], capture_output=True, check=False).returncode:
        pytest.skip("here nobody may mount a file system of their own")
    stage = Stage(has_valkey=False, senders=0)
    stage.postgres = server = OnSmallDisk(stage.folder)
    try:
        stage.start_stores()
        yield stage, server
    finally:
        stage.stop()


def fill(folder: Path) -> Path:
    """Until there is no room for one byte more."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        while file.write(bytes(1 << 16)):
            pass
    return ballast


def test_on_a_disk_that_is_full_nothing_is_claimed_and_nothing_leaves_and_once_there_is_room_all_leaves_once(
    small: tuple[Stage, OnSmallDisk],
) -> None:
    stage, server = small
    checker = Checker(server.url("postgres"), f"http://127.0.0.1:{stage.provider_port}")
    stage.ask("-m", "tests.chaos.prompt_people", "--n", str(MANY), "--seconds", "1", "--seed", "1")
    checker.rows("SELECT pg_switch_wal()")
    checker.rows("SELECT txid_current()")  # of the log a whole file is there
    # All at once: what a few of them need there may be room for.
    assert stage.wait(
        lambda: checker.count("SELECT count(*) FROM prompts_prompt WHERE due_at > now()") == 0, seconds=20
    )
    ballast = fill(server.disk)
    stage.add("loop", LOOP)
    assert stage.wait(lambda: stage.log.read_text(errors="replace").count(FAILED) > 0, seconds=30)
    assert "DiskFull" in stage.log.read_text(errors="replace")
    assert checker.attempts() == {} and checker.rows("SELECT DISTINCT tries, state FROM prompts_prompt") == [(0, 0)]
    ballast.unlink()
    assert stage.wait(lambda: checker.count("SELECT count(*) FROM prompts_prompt WHERE state = 0") == 0, seconds=30)
    assert checker.rows("SELECT DISTINCT state FROM prompts_prompt") == [(int(PromptState.SENT),)]
    by_provider = checker.count("SELECT count(*) FROM prompts_prompt WHERE channel <> 'in_app'")
    assert len(checker.messages()) == by_provider
    assert {each["requests"] for each in checker.attempts().values()} == {1}
