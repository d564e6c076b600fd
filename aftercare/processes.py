"""Child processes that can't outlive their manager, heard line by line and stopped in order. Standard library only."""

from __future__ import annotations

import ctypes
import os
import select
import selectors
import signal
import socket
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parent.parent
STOPS_WITHIN = 25.0
_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True)

Command = Sequence[str | Path]


class StackError(Exception):
    """What the person at the keyboard has to know, in one line."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def end_with_parent(sig: signal.Signals) -> None:
    """The kernel sends this process `sig` when its parent is gone, even by kill -9."""
    _LIBC.prctl(_PR_SET_PDEATHSIG, int(sig))


def _tether(sig: signal.Signals) -> Callable[[], None]:
    parent = os.getpid()

    def in_child_before_exec() -> None:
        end_with_parent(sig)
        if os.getppid() != parent:
            os._exit(1)

    return in_child_before_exec


@dataclass(eq=False)
class Part:
    """One running process, the signal that ends it in good order, and the line it has not finished yet."""

    name: str
    process: subprocess.Popen[bytes]
    stop_signal: signal.Signals
    line: bytes = b""
    began_at: float = field(default_factory=time.monotonic)

    @property
    def has_ended(self) -> bool:
        return self.process.poll() is not None


class Parts:
    """The processes of one manager. No threads: whoever waits here also prints what the parts say."""

    def __init__(self, *, log: IO[bytes] | None = None) -> None:
        self._log = log
        self._selector = selectors.DefaultSelector()
        self.running: list[Part] = []

    def spawn(
        self,
        name: str,
        command: Command,
        *,
        env: Mapping[str, str] | None = None,
        stop_signal: signal.Signals = signal.SIGTERM,
    ) -> Part:
        with warnings.catch_warnings():
            # Python 3.12 warns of a fork beside threads. The hook takes no lock: it makes two system calls.
            warnings.simplefilter("ignore", DeprecationWarning)
            process = subprocess.Popen(
                [str(word) for word in command],
                cwd=ROOT,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=self._log or subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_tether(stop_signal),  # noqa: PLW1509  see the warning above
            )
        part = Part(name, process, stop_signal)
        self.running.append(part)
        if process.stdout:
            os.set_blocking(process.stdout.fileno(), False)
            self._selector.register(process.stdout, selectors.EVENT_READ, part)
        return part

    def run(self, name: str, command: Command, *, env: Mapping[str, str]) -> None:
        """One command from its beginning to its end. Raises StackError when it fails."""
        part = self.spawn(name, command, env=env)
        while not part.has_ended:
            self.listen(0.02)
        self.forget(part)
        if part.process.returncode:
            raise StackError(f"{name} failed: its own words are above.")

    def listen(self, seconds: float) -> None:
        """Waits so long at most, and prints what the parts said meanwhile."""
        if not self._selector.get_map():
            time.sleep(seconds)
            return
        for key, _ in self._selector.select(seconds):
            self._hear(key.data)

    def wait_until(self, happened: Callable[[], bool], *, seconds: float) -> bool:
        end = time.monotonic() + seconds
        while not happened():
            if time.monotonic() > end:
                return False
            self.listen(0.02)
        return True

    def ended(self) -> Part | None:
        """The first part that ended by itself."""
        return next((part for part in self.running if part.has_ended), None)

    def forget(self, part: Part) -> None:
        """Prints the last words of a part that ended, ends the children that it left behind, and drops it."""
        with suppress(ProcessLookupError):
            os.killpg(part.process.pid, signal.SIGKILL)
        self._hear(part)
        if part.process.stdout and not part.process.stdout.closed:
            self._selector.unregister(part.process.stdout)
            part.process.stdout.close()
        self.running.remove(part)

    def stop(self, parts: Iterable[Part]) -> None:
        """Ends these together; what is still there after a while is killed with its children."""
        group = [part for part in parts if part in self.running]
        for part in group:
            if not part.has_ended:
                part.process.send_signal(part.stop_signal)
        self.wait_until(lambda: all(part.has_ended for part in group), seconds=STOPS_WITHIN)
        for part in group:
            if not part.has_ended:
                say(f"{part.name} did not stop within {STOPS_WITHIN:.0f} s: killed")
                os.killpg(part.process.pid, signal.SIGKILL)
                part.process.wait()
            self.forget(part)

    def _hear(self, part: Part) -> None:
        stream = part.process.stdout
        if stream is None or stream.closed:
            return
        while chunk := stream.read(65536):
            *lines, part.line = (part.line + chunk).split(b"\n")
            for line in filter(None, lines):
                say(f"{part.name:8}| {line.decode(errors='replace')}")
        if chunk == b"":
            self._selector.unregister(stream)
            stream.close()


def is_unheard() -> bool:
    """Whether the terminal or the pipe that we print to is gone. Not every closed terminal sends a signal."""
    poll = select.poll()
    poll.register(sys.stdout, 0)
    return bool(poll.poll(0))


def say(words: str) -> None:
    """Prints a line at once. A terminal that was closed keeps nothing from stopping in order."""
    with suppress(OSError):
        sys.stdout.write(f"{words}\n")
        sys.stdout.flush()
