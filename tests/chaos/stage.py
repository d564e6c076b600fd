"""The whole app on a data folder of its own, on loopback: started, killed on purpose, kept up, and ended by pid."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from random import Random

from aftercare.devstack import BEAT, WEB, WORKER
from aftercare.embedded import OWNER, RUNTIME, Postgres, Valkey
from aftercare.processes import ROOT, Command, Part, Parts, StackError, free_port
from tests.ready import lay_out
from tests.stack import children, command_line

# What the app is told besides its own settings: nothing of the person's that could lead to real rows or phones.
PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "PG_BIN", "VALKEY_BIN", "LD_LIBRARY_PATH")
APP = "aftercare.wsgi:application"
# How long something that ended by itself stays away.
PAUSE = 1.0


class Stage:
    """All processes of one run. Everything here is for one thread, the one that began them: the kernel ends them with it."""

    def __init__(
        self,
        *,
        faults: int | None = None,
        has_valkey: bool = True,
        application: str = APP,
        worker: Command = WORKER,
        senders: int = 2,
        unclear: int | None = None,
        besides: Mapping[str, Command] | None = None,
        env: dict[str, str] | None = None,
    ) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="aftercare-chaos-"))
        self.log = self.folder / "log"
        self._file = self.log.open("ab")
        self.parts = Parts(log=self._file)
        self.port, self.provider_port, self._mail_port = free_port(), free_port(), free_port()
        self.senders = [f"sender-{number + 1}" for number in range(senders)]
        self.postgres = Postgres(self.folder)
        self._valkey = Valkey(self.folder) if has_valkey else None
        self._faults, self._application, self._worker = faults, application, worker
        self._unclear, self._besides = unclear, dict(besides or {})
        self.env = self._told() | (env or {})
        self.exits: Counter[str] = Counter()
        self._away: dict[str, float] = {}
        self._is_kept_up = True

    def _told(self) -> dict[str, str]:
        env = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
        static = self.folder / "static"
        static.mkdir()
        return env | {
            "PYTHONUNBUFFERED": "1",
            "SECRET_KEY": secrets.token_urlsafe(48),
            "PIN_PEPPER": secrets.token_urlsafe(48),
            "PUBLIC_URL": f"http://localhost:{self.port}",
            "STATIC_ROOT": str(static),
            "PLAIN_STATIC": "1",
            "DATABASE_URL": self.postgres.url(RUNTIME),
            "MIGRATE_DATABASE_URL": self.postgres.url(OWNER),
            # A port where nobody listens, where there is no Valkey.
            "REDIS_URL": self._valkey.url if self._valkey else f"redis://127.0.0.1:{free_port()}/0",
            "SMS_BASE_URL": f"http://127.0.0.1:{self.provider_port}",
            "SMS_ACCOUNT_SID": "AC00000000000000000000000000000000",
            "SMS_AUTH_TOKEN": secrets.token_urlsafe(16),
            "SMS_FROM": "+15550100100",
            "EMAIL_URL": f"smtp://127.0.0.1:{self._mail_port}",
            "EMAIL_FROM": "notes@aftercare.example",
        }

    def start_stores(self) -> None:
        """PostgreSQL with its tables, Valkey, and the stand-in provider. Raises StackError."""
        lay_out(self.folder)
        self.postgres.start(self.parts)
        if self._valkey:
            self._valkey.start(self.parts)
        self._spawn("provider", self._provider())
        self.parts.run("setup", [sys.executable, "manage.py", "prepare"], env=self.env)

    def start_apps(self) -> None:
        """Web, senders, what else was named and, where there is a Valkey, worker and beat. Waits until the web answers."""
        for name in ["web", *self.senders, *(["worker", "beat"] if self._valkey else []), *self._besides]:
            self._start_app(name)
        if not self.parts.wait_until(self.answers, seconds=60):
            raise StackError("The web did not answer within 60 s.")

    def start_watchdog(self, *, on_call: str, ping_url: str) -> None:
        """With an account of its own at the stand-in, and not kept up: nobody kills it."""
        account = {"SMS_ACCOUNT_SID": "AC11111111111111111111111111111111", "SMS_AUTH_TOKEN": secrets.token_urlsafe(16)}
        told = {"SMS_BASE_URL": self.env["SMS_BASE_URL"], "SMS_FROM": "+15550100101", **account}
        env = {f"WATCHDOG_{name}": value for name, value in told.items()}
        env |= {"PLATFORM_ON_CALL": on_call, "DEADMAN_URL": ping_url}
        self._spawn("watchdog", [sys.executable, "manage.py", "watchdog"], env=self.env | env)

    def keep_up(self) -> None:
        """Starts again what has ended and whose time to be away is over. Called again and again."""
        for part in [part for part in self.parts.running if part.has_ended]:
            self.parts.forget(part)
            if part.name not in self._away:
                self.exits[part.name] += 1
                self._away[part.name] = time.monotonic() + PAUSE
        for name in [name for name, until in self._away.items() if until <= time.monotonic() and self._is_kept_up]:
            if not any(part.name == name for part in self.parts.running):
                del self._away[name]
                self._start_again(name)

    def wait(self, happened: Callable[[], bool], *, seconds: float) -> bool:
        """Keeps everything up meanwhile."""
        end = time.monotonic() + seconds
        while not happened():
            if time.monotonic() > end:
                return False
            self.keep_up()
            time.sleep(0.05)
        return True

    def kill(self, name: str, *, away: float) -> str:
        """SIGKILL for a part with all its children. Returns its name, "" when it is away already."""
        part = self._running(name)
        if part is None:
            return ""
        self._away[name] = time.monotonic() + away
        os.killpg(part.process.pid, signal.SIGKILL)
        part.process.wait()
        return name

    def kill_child(self, name: str, dice: Random) -> str:
        """SIGKILL for one process below a part, which has to start it again itself."""
        part = self._running(name)
        below = (
            [pid for pid in children(part.process.pid) if "resource_tracker" not in command_line(pid)] if part else []
        )
        if not below:
            return ""
        os.kill(dice.choice(below), signal.SIGKILL)
        return name

    def kill_postgres(self, *, at_once: bool, away: float) -> str:
        """An immediate stop, or the postmaster's sudden death; and up again, with the data that it put in order."""
        part = self._running("postgres")
        if part is None:
            return ""
        self._away["postgres"] = time.monotonic() + away
        part.process.send_signal(signal.SIGKILL if at_once else signal.SIGQUIT)
        part.process.wait()
        return "postgres"

    def add(self, name: str, command: Command) -> None:
        """One more part, kept up from now on."""
        self._besides[name] = command
        self._start_app(name)

    def has(self, name: str) -> bool:
        return name in self._besides

    def take_away(self, name: str) -> None:
        """Killed, and not kept up any more."""
        self.kill(name, away=0)
        del self._besides[name]
        self._away.pop(name, None)
        for part in [part for part in self.parts.running if part.name == name]:
            self.parts.forget(part)

    def let_lie(self) -> None:
        """From now on nothing is started again."""
        self._is_kept_up = False

    def answers(self) -> bool:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/healthz", headers={"Host": f"localhost:{self.port}"})
            return connection.getresponse().status > 0
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()

    def ask(self, *command: str) -> str:
        """What one command of ours prints, in the environment of the app. Raises StackError with its last words."""
        done = subprocess.run(
            [sys.executable, *command], cwd=ROOT, env=self.env, capture_output=True, text=True, check=False, timeout=300
        )
        if done.returncode:
            raise StackError(f"{' '.join(command)} failed: {done.stderr[-2000:]}")
        return done.stdout

    def stop(self, *, keeps_folder: bool = False) -> None:
        """Ends what it started: the apps together, then the stores."""
        self.let_lie()
        stores = [part for part in self.parts.running if part.name in {"valkey", "postgres"}]
        self.parts.stop([part for part in self.parts.running if part not in stores])
        for part in reversed(stores):
            self.parts.stop([part])
        self._file.close()
        self.postgres.remove_socket_folder()
        if not keeps_folder:
            shutil.rmtree(self.folder, ignore_errors=True)

    def _running(self, name: str) -> Part | None:
        return next((part for part in self.parts.running if part.name == name and not part.has_ended), None)

    def _start_again(self, name: str) -> None:
        if name == "postgres":
            self.postgres.start(self.parts)
        elif name == "valkey" and self._valkey:
            self._valkey.start(self.parts)
        elif name == "provider":
            raise StackError("The stand-in for the provider ended: what it was sent is gone.")
        else:
            self._start_app(name)

    def _start_app(self, name: str) -> None:
        commands: dict[str, Command] = {
            "web": [*WEB, "--port", str(self.port), self._application],
            "worker": self._worker,
            "beat": [*BEAT, "-s", str(self.folder / "beat")],
            **self._besides,
        }
        pool = {"DATABASE_USES_POOL": "1"} if name == "web" else {}
        command = commands.get(name, [sys.executable, "manage.py", "run_alerts"])
        self._spawn(name, command, env=self.env | pool)

    def _spawn(self, name: str, command: Command, *, env: dict[str, str] | None = None) -> None:
        self.parts.spawn(name, command, env=env or self.env)

    def _provider(self) -> Command:
        ports = ("--port", str(self.provider_port), "--mail-port", str(self._mail_port))
        faults = () if self._faults is None else ("--faults", str(self._faults))
        unclear = () if self._unclear is None else ("--unclear", str(self._unclear))
        return [sys.executable, "-m", "prompts.channels.standin", "--reports", *ports, *faults, *unclear]
