"""What `make run` promises: one clear line when it can't start, a good end, and nothing left behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from aftercare.processes import ROOT, free_port
from tests.stack import COMMAND, Stack, children, clean_env, command_line, is_alive, wait_for

COPIES = {"run_alerts": 2, "watchdog": 1, "deliver_due": 1}
_DUE_NOW = """
UPDATE prompts_prompt SET due_at = now(), window_ends_at = now() + interval '1 h'
 WHERE id = (SELECT id FROM prompts_prompt WHERE state = 0 AND due_at > now() ORDER BY due_at LIMIT 1) RETURNING id
"""


def refused(data: Path, *, port: int, **env: str) -> list[str]:
    """The lines of a start that must fail with 1."""
    done = subprocess.run(
        [*COMMAND, "--port", str(port), "--data", str(data)],
        cwd=ROOT,
        env=clean_env(**env),
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 1
    return (done.stdout + done.stderr).splitlines()


def using(data: Path) -> list[int]:
    """Every process on this machine that was told of this folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            told = (process / "environ").read_bytes() + (process / "cmdline").read_bytes()
        except OSError:
            continue
        if os.fsencode(data) in told and is_alive(int(process.name)):
            found.append(int(process.name))
    return found


def test_a_second_start_on_the_same_folder_is_one_clear_line(stack: Stack) -> None:
    before = using(stack.data)
    lines = refused(stack.data, port=free_port())
    assert lines == [f"It already runs with {stack.data}: stop that one, or give another --data."]
    assert using(stack.data) == before


def test_a_taken_port_is_one_clear_line(stack: Stack, tmp_path: Path) -> None:
    assert refused(tmp_path / "data", port=stack.port) == [
        f"Port {stack.port} is taken: try `PORT={stack.port + 1} make run`."
    ]
    assert using(tmp_path) == []


def test_a_port_taken_by_anybody_is_one_clear_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        (line,) = refused(tmp_path / "data", port=other.getsockname()[1])
    assert "is taken" in line


def test_a_database_without_its_owner_is_one_clear_line(tmp_path: Path) -> None:
    lines = refused(tmp_path / "data", port=free_port(), DATABASE_URL="postgresql://app@localhost/aftercare")
    assert lines == ["DATABASE_URL is set: set MIGRATE_DATABASE_URL too, to the owner of the tables."]


def test_secrets_can_be_read_by_nobody_else(stack: Stack) -> None:
    assert stack.data.stat().st_mode & 0o077 == 0
    for name in ("env", "secret_key", "sms_auth_token", "valkey.conf"):
        assert (stack.data / name).stat().st_mode & 0o077 == 0


def test_a_worker_that_ends_is_started_again(stack: Stack) -> None:
    ready = "The worker is ready"
    assert wait_for(lambda: ready in stack.said(), seconds=20)
    worker = stack.pid_of("celery", "worker")
    os.kill(worker, signal.SIGKILL)
    assert wait_for(lambda: stack.said().count(ready) >= 2, seconds=20)
    assert "worker ended with -9: it starts again in 0.5 s" in stack.said()
    assert stack.pid_of("celery", "worker") != worker
    assert stack.process.poll() is None


@pytest.mark.parametrize(
    ("part", "words"), [("alerts-1", "run_alerts"), ("watchdog", "watchdog"), ("prompts", "deliver_due")]
)
def test_what_sends_with_postgres_alone_is_started_again(stack: Stack, part: str, words: str) -> None:
    assert wait_for(lambda: running(stack, words) == COPIES[words], seconds=20)
    killed = stack.pid_of("manage.py", words)
    os.kill(killed, signal.SIGKILL)
    assert wait_for(lambda: f"{part} ended with -9: it starts again in" in stack.said(), seconds=10)
    assert wait_for(lambda: running(stack, words) == COPIES[words], seconds=20)
    assert not is_alive(killed) and stack.process.poll() is None


def running(stack: Stack, words: str) -> int:
    return sum(words in command_line(pid) for pid in children(stack.process.pid))


def test_two_senders_of_alerts_are_alive(stack: Stack) -> None:
    """Looked at from outside, as the watchdog does."""

    def is_well() -> bool:
        command = [sys.executable, "manage.py", "watchdog", "--once"]
        env = clean_env(**stack.env)
        return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, check=False).returncode == 0

    assert wait_for(is_well, seconds=30)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One data folder for the starts below, one after the other."""
    return tmp_path_factory.mktemp("devstack") / "data"


def test_a_killed_manager_leaves_nothing(folder: Path) -> None:
    stack = Stack(folder, from_nothing=True)
    pids = stack.pids()
    assert len(pids) > 10
    stack.stop(signal.SIGKILL)
    assert wait_for(lambda: not using(folder), seconds=20), [pid for pid in pids if is_alive(pid)]


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ("beat", ("celery", "beat")),
        ("web", ("granian",)),
        ("providers", ("prompts.channels.standin",)),
        ("valkey", ("valkey-server",)),
        ("postgres", ("bin/postgres",)),
    ],
)
def test_a_part_that_ends_stops_everything_and_is_named(folder: Path, part: str, words: tuple[str, ...]) -> None:
    """The first starts on what the kill above left: PostgreSQL recovers."""
    stack = Stack(folder)
    os.kill(stack.pid_of(*words), signal.SIGKILL)
    assert stack.process.wait(60) == 1
    assert f"{part} ended with -9: everything stops." in stack.said()
    assert wait_for(lambda: using(folder) == [], seconds=10)


def test_the_worker_sends_without_the_loop_beside_it_and_all_ends_well_when_it_is_told_to(folder: Path) -> None:
    """Else nobody would see that the beat wakes nobody: the loop sends the same."""
    stack = Stack(folder)
    loop = stack.pid_of("manage.py", "deliver_due")
    os.kill(loop, signal.SIGSTOP)
    try:
        with psycopg.connect(stack.env["DATABASE_URL"], autocommit=True) as db:
            db.execute("SET ROLE aftercare_sender")
            row = db.execute(_DUE_NOW).fetchone()
            waits = "SELECT FROM prompts_prompt WHERE id = %s AND state = 0"
            assert row and wait_for(lambda: db.execute(waits, row).fetchone() is None, seconds=20)
    finally:
        os.kill(loop, signal.SIGCONT)
    assert stack.stop(signal.SIGTERM) == 0
    assert stack.said().rstrip().endswith("Everything is stopped.")
    assert "killed" not in stack.said()
    assert using(folder) == []
