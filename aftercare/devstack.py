"""`make run`: every process of the app, started in order, watched, and stopped together. Standard library only.

DATABASE_URL (with MIGRATE_DATABASE_URL), REDIS_URL, SMS_BASE_URL and EMAIL_URL, when set, are used as they are: nothing is
started for them. The parts that a supervisor keeps up elsewhere are started again when they exit (Celery does so when Redis
restarts under it); any other part that ends stops the rest and is named.
"""

from __future__ import annotations

import argparse
import base64
import fcntl
import http.client
import os
import secrets
import shlex
import signal
import socket
import sys
import time
from pathlib import Path
from typing import IO, NoReturn

from aftercare.embedded import OWNER, RUNTIME, Postgres, Valkey
from aftercare.processes import ROOT, Command, Part, Parts, StackError, end_with_parent, free_port, is_unheard, say

PYTHON = sys.executable
SETUP = (PYTHON, "manage.py", "prepare")
# Celery has one more word for root than a demo needs.
WORKER = (
    *(PYTHON, "-W", "ignore:You're running the worker", "-m", "celery", "-q", "-A", "aftercare", "worker"),
    *("-c", "2", "-Q", "prompts,housekeeping"),
    *("--without-mingle", "--without-gossip", "-l", "INFO"),
)
BEAT = (PYTHON, "-m", "celery", "-q", "-A", "aftercare", "beat", "--pidfile=", "-l", "INFO")
WEB = (
    *(PYTHON, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--http", "1", "--no-ws"),
    # A body that comes slowly holds a thread until it is there: more of them than the database has connections.
    *("--workers", "2", "--blocking-threads", "32", "--no-access-log", "--log-level", "error"),
    # A worker told to stop while it starts would not hear it.
    *("--respawn-failed-workers", "--workers-kill-timeout", "5"),
)
# Kept up, each under its name: what a supervisor restarts where people are real.
ALERTS = (PYTHON, "manage.py", "run_alerts")
KEPT_UP: dict[str, Command] = {
    "worker": WORKER,
    # What the worker does with prompts, with PostgreSQL alone: they leave while Valkey is away.
    "prompts": (PYTHON, "manage.py", "deliver_due", "--loop"),
    "alerts-1": ALERTS,
    "alerts-2": ALERTS,
    "watchdog": (PYTHON, "manage.py", "watchdog"),
}
# One that keeps exiting is started again later and later; one that held out for a while, at once.
FIRST_PAUSE, LONGEST_PAUSE, HELD_OUT = 0.5, 10.0, 30.0


class Stack:
    """All parts of one data folder: the stores, then what is done once, then the apps."""

    def __init__(self, data: Path, port: int) -> None:
        self.data, self.port = data, port
        self.parts = Parts()
        self.env = {**os.environ, "PYTHONUNBUFFERED": "1"}
        self._postgres: Postgres | None = None
        self._stores: list[Part] = []
        self._due: dict[str, float] = {}
        self._pauses = dict.fromkeys(KEPT_UP, FIRST_PAUSE)

    def start(self) -> None:
        self._settle()
        self._start_stores()
        self.parts.run("setup", SETUP, env=self.env)
        web = self.parts.spawn(
            "web",
            [*WEB, "--port", str(self.port), "aftercare.wsgi:application"],
            env={**self.env, "DATABASE_USES_POOL": "1"},
        )
        if not self.parts.wait_until(lambda: web.has_ended or self._answers(), seconds=60):
            raise StackError("The web server did not answer within 60 s: its own words are above.")
        for name in KEPT_UP:
            self._start_kept_up(name)
        self.parts.spawn("beat", [*BEAT, "-s", str(self.data / "beat")], env=self.env)

    def watch(self) -> NoReturn:
        """Until a part ends that is not kept up. Raises StackError with its name."""
        while True:
            self.parts.listen(0.3)
            if is_unheard():
                raise KeyboardInterrupt
            self._start_due()
            if ended := self.parts.ended():
                self._restart(ended)

    def stop(self) -> None:
        """The apps together, then Valkey, then PostgreSQL."""
        self.parts.stop([part for part in self.parts.running if part not in self._stores])
        for store in reversed(self._stores):
            self.parts.stop([store])
        if self._postgres:
            self._postgres.remove_socket_folder()

    def _settle(self) -> None:
        """What the apps are told, as far as the person's own environment does not say it."""
        self.env.setdefault("SECRET_KEY", kept_secret(self.data / "secret_key"))
        self.env.setdefault("JOURNAL_KEYS", f"local:{kept_key(self.data / 'journal_key')}")
        self.env.setdefault("PUBLIC_URL", f"http://localhost:{self.port}")
        self.env.setdefault("STATIC_ROOT", str(self.data / "static"))
        Path(self.env["STATIC_ROOT"]).mkdir(parents=True, exist_ok=True)
        self.env["DEMO"] = "1"

    def _start_stores(self) -> None:
        if not self.env.get("DATABASE_URL"):
            self._postgres = Postgres(self.data)
            self._postgres.start(self.parts)
            self.env["DATABASE_URL"] = self._postgres.url(RUNTIME)
            self.env["MIGRATE_DATABASE_URL"] = self._postgres.url(OWNER)
        if not self.env.get("REDIS_URL"):
            valkey = Valkey(self.data)
            valkey.start(self.parts)
            self.env["REDIS_URL"] = valkey.url
        self._stores = list(self.parts.running)
        self._start_providers()
        write_private(
            self.data / "env",
            "".join(f"export {name}={shlex.quote(self.env[name])}\n" for name in _TOLD if name in self.env),
        )

    def _start_providers(self) -> None:
        """Stand-ins for who carries texts and e-mails: they keep what they get, and no phone rings."""
        port, mail_port = free_port(), free_port()
        texts = {
            "SMS_BASE_URL": f"http://127.0.0.1:{port}",
            "SMS_ACCOUNT_SID": "AC00000000000000000000000000000000",
            "SMS_AUTH_TOKEN": kept_secret(self.data / "sms_auth_token"),
            "SMS_FROM": "+15550100100",
        }
        # The watchdog's own account, and whom it pages: here it is the same stand-in.
        of_watchdog = {f"WATCHDOG_{name}": value for name, value in texts.items()} | {
            "PLATFORM_ON_CALL": "+15550100199"
        }
        emails = {"EMAIL_URL": f"smtp://127.0.0.1:{mail_port}", "EMAIL_FROM": "notes@aftercare.example"}
        # A browser names its own push service; one that names this one is a test.
        notices = {
            "PUSH_KEY": kept_push_key(self.data / "push_key"),
            "PUSH_SUBJECT": "mailto:notes@aftercare.example",
            "PUSH_STAND_IN": f"http://127.0.0.1:{port}",
        }
        needed = [ours for ours in (texts, emails, of_watchdog, notices) if not self.env.get(next(iter(ours)))]
        if needed:
            ports = ("--port", str(port), "--mail-port", str(mail_port), "--reports")
            self.parts.spawn("providers", [PYTHON, "-m", "prompts.channels.standin", *ports], env=self.env)
        for ours in needed:
            self.env |= ours

    def _start_kept_up(self, name: str) -> None:
        self.parts.spawn(name, KEPT_UP[name], env=self.env)

    def _restart(self, ended: Part) -> None:
        """After its pause, while the others run on. Raises StackError when it is no part that is kept up."""
        if ended.name not in KEPT_UP:
            raise StackError(f"{ended.name} ended with {ended.process.returncode}: everything stops.")
        self.parts.forget(ended)
        if time.monotonic() - ended.began_at > HELD_OUT:
            self._pauses[ended.name] = FIRST_PAUSE
        pause = self._pauses[ended.name]
        say(f"{ended.name} ended with {ended.process.returncode}: it starts again in {pause:.1f} s")
        self._due[ended.name] = time.monotonic() + pause
        self._pauses[ended.name] = min(pause * 2, LONGEST_PAUSE)

    def _start_due(self) -> None:
        for name in [name for name, due in self._due.items() if time.monotonic() >= due]:
            del self._due[name]
            self._start_kept_up(name)

    def _answers(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/", headers={"Host": f"localhost:{self.port}"})
            return connection.getresponse().status > 0
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()


_TOLD = (
    *(
        "SECRET_KEY",
        "JOURNAL_KEYS",
        "DATABASE_URL",
        "MIGRATE_DATABASE_URL",
        "REDIS_URL",
        "PUBLIC_URL",
        "STATIC_ROOT",
        "DEMO",
    ),
    *("SMS_BASE_URL", "SMS_ACCOUNT_SID", "SMS_AUTH_TOKEN", "SMS_FROM", "EMAIL_URL", "EMAIL_FROM"),
    *("PUSH_KEY", "PUSH_SUBJECT", "PUSH_STAND_IN"),
)


def write_private(path: Path, words: str) -> None:
    """A file that only this user may read, from its first byte on."""
    path.unlink(missing_ok=True)
    path.touch(mode=0o600, exist_ok=False)
    path.write_text(words)


def kept_secret(path: Path) -> str:
    """Made once, and the same at every later start."""
    if not path.exists():
        write_private(path, secrets.token_urlsafe(48))
    return path.read_text()


def kept_key(path: Path) -> str:
    """32 random bytes in base64, made once."""
    if not path.exists():
        write_private(path, base64.b64encode(secrets.token_bytes(32)).decode())
    return path.read_text()


def kept_push_key(path: Path) -> str:
    """The private key of notices: 32 random bytes in base64url, made once. They sign, but for one draw in four billion."""
    if not path.exists():
        write_private(path, base64.urlsafe_b64encode(secrets.token_bytes(32)).decode().rstrip("="))
    return path.read_text()


def hold_folder(data: Path) -> IO[str]:
    """The data folder, held by this process until it ends. Raises StackError when another one holds it."""
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = (data / "lock").open("a")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        raise StackError(f"It already runs with {data}: stop that one, or give another --data.") from None
    return lock


def check_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise StackError(f"Port {port} is taken: try `PORT={port + 1} make run`.") from None


def check_environment() -> None:
    if os.environ.get("DATABASE_URL") and not os.environ.get("MIGRATE_DATABASE_URL"):
        raise StackError("DATABASE_URL is set: set MIGRATE_DATABASE_URL too, to the owner of the tables.")


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def run(data: Path, port: int) -> int:
    """Starts everything and stays until it is told to stop (0) or a part fails (1)."""
    began = time.monotonic()
    for each in _SIGNALS:
        signal.signal(each, _interrupt)
    stack = Stack(data, port)
    try:
        stack.start()
        say(f"READY http://localhost:{port} after {time.monotonic() - began:.1f} s")
        say("The demo is there: open it in a browser. Ctrl-C stops everything.")
        stack.watch()
    except KeyboardInterrupt:
        return 0
    except StackError as error:
        say(str(error))
        return 1
    finally:
        for each in _SIGNALS:
            signal.signal(each, signal.SIG_IGN)
        stack.stop()
        say("Everything is stopped.")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m aftercare.devstack", description=__doc__)
    parser.add_argument("--port", type=int, default=int(os.environ.get("PORT") or 8000))
    parser.add_argument("--data", type=Path, default=ROOT / ".run", help="where it keeps what it keeps")
    parser.add_argument("--with-parent", action="store_true", help="stop when the process that started this one ends")
    options = parser.parse_args()
    if options.with_parent:
        end_with_parent(signal.SIGTERM)
    try:
        check_environment()
        lock = hold_folder(options.data)
        with lock:
            check_port(options.port)
            return run(options.data.resolve(), options.port)
    except StackError as error:
        sys.stderr.write(f"{error}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main())
