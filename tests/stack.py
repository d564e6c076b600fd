"""The whole app as `make run` starts it, on a folder and a port of its own, for tests."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from aftercare.processes import ROOT, free_port
from tests.ready import lay_out
from tests.services import SET, UNSET, UNSET_SMS

COMMAND = (sys.executable, "-m", "aftercare.devstack", "--with-parent")
_NOT_FOR_IT = (*SET, *UNSET, *UNSET_SMS, "DATABASE_URL", "MIGRATE_DATABASE_URL", "REDIS_URL", "STATIC_ROOT", "PORT")


def clean_env(**values: str) -> dict[str, str]:
    """This process's environment without what the tests themselves are told."""
    return {name: value for name, value in os.environ.items() if name not in _NOT_FOR_IT} | values


class Stack:
    """A running devstack: its address, what its processes are told, what they say."""

    def __init__(self, data: Path, *, port: int = 0, from_nothing: bool = False) -> None:
        if not from_nothing:
            lay_out(data)
        self.data, self.port = data, port or free_port()
        self.url = f"http://localhost:{self.port}"
        self.log = data.with_suffix(".log")
        self._mark = self.log.stat().st_size if self.log.exists() else 0
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*COMMAND, "--port", str(self.port), "--data", str(data)],
                cwd=ROOT,
                env=clean_env(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        wait_for(lambda: "READY" in self.said() or self.process.poll() is not None, seconds=90)
        assert "READY" in self.said(), self.said()

    def said(self) -> str:
        """What it has printed since it began."""
        return self.log.read_bytes()[self._mark :].decode("utf-8", "replace")

    @property
    def env(self) -> dict[str, str]:
        """What its web, worker and beat were told: enough to run manage.py beside them."""
        words = shlex.split((self.data / "env").read_text())
        return dict(word.split("=", 1) for word in words if word != "export")

    def pids(self) -> list[int]:
        """Every process below the manager, its direct children first."""
        found = [self.process.pid]
        for pid in found:
            found += children(pid)
        return found[1:]

    def pid_of(self, *words: str) -> int:
        """The direct child whose command line holds these words."""
        return next(pid for pid in children(self.process.pid) if all(word in command_line(pid) for word in words))

    def stop(self, sig: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(sig)
        return self.process.wait(60)


def children(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def command_line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


def is_alive(pid: int) -> bool:
    """A process that has ended but was not yet collected by its parent counts as gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_for(happened: Callable[[], bool], *, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True
