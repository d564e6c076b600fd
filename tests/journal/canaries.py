"""`python -m tests.journal.canaries --n 1000`: phrases written by the pages, and looked for wherever they must not be.

The whole app runs on loopback, as `make run` starts it, on a folder of its own. One line of JSON: how many phrases were
found where (0 wanted), and that the same search finds what staff may know. 1 when one was found, or a control was not.
"""

from __future__ import annotations

import argparse
import json
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import psycopg
import redis

from aftercare.embedded import DATABASE, _postgres_bin
from aftercare.processes import ROOT
from tests.journal import canary_pages as pages
from tests.journal.canary import OPEN, PRIVATE, Phrase, Search
from tests.stack import Stack, wait_for

MOST, MOST_PAGES = 5_000, 60


class Monitor:
    """Every command that Valkey takes while it runs."""

    def __init__(self, url: str) -> None:
        told = urlsplit(url)
        self._socket = socket.create_connection((told.hostname or "", told.port or 0))
        self._socket.sendall(f"AUTH {told.password}\r\nMONITOR\r\n".encode())
        self._pieces: list[bytes] = []
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        while piece := self._socket.recv(1 << 16):
            self._pieces.append(piece)

    def stop(self) -> bytes:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._socket.close()
        return b"".join(self._pieces)


def run(n: int, *, stumbles: int, most_pages: int) -> dict[str, Any]:
    """Starts everything, writes, looks, and stops it."""
    folder = Path(tempfile.mkdtemp(prefix="aftercare-canaries-"))
    stack = Stack(folder / "data")
    try:
        return looked(stack, n, stumbles=stumbles, most_pages=most_pages)
    finally:
        stack.stop()
        shutil.rmtree(folder, ignore_errors=True)


def looked(stack: Stack, n: int, *, stumbles: int, most_pages: int) -> dict[str, Any]:
    told, (host,) = stack.env, parse_qs(urlsplit(stack.env["DATABASE_URL"]).query)["host"]
    superuser = f"host={host} user=postgres dbname={DATABASE}"
    keep_all_wal(superuser)
    monitor, open_phrase = Monitor(told["REDIS_URL"]), Phrase.make(OPEN)
    phrases = [Phrase.make() for _ in range(n)]
    done = pages.written(stack.url, phrases)
    errors = pages.stumbled(stack.url, [Phrase.make() for _ in range(stumbles)], superuser)
    assert pages.told_to_staff(stack.url, open_phrase) == 303
    pages.alarmed(stack.url)
    seen = Search(PRIVATE).marks(pages.seen_by_patients(stack.url))
    valkey = redis.Redis.from_url(told["REDIS_URL"])
    valkey.set("control", open_phrase.mark)
    wait_for(lambda: len(messages(told)) > 200, seconds=3)
    count, staff = pages.staff_pages(stack.url, most=most_pages)
    valkey.save()
    valkey_folder = Path(str(valkey.config_get("dir")["dir"]))
    places: dict[str, list[bytes] | list[Path]] = {
        "dump": [dumped(host, stack.data)],
        "wal": list(stack.data.glob("pg*/pg_wal/*")),
        "files of the database": [file for file in stack.data.glob("pg*/**/*") if file.is_file()],
        "sessions": [decoded(told)],
        "valkey monitor": [monitor.stop()],
        "valkey dump": [valkey_folder / "dump.rdb"],
        "logs": [stack.log, *stack.data.glob("*.log")],
        "other files": [file for file in stack.data.iterdir() if file.is_file()],
        "texts, calls and e-mails": [messages(told)],
        "staff pages": [staff],
    }
    return {
        "phrases": n,
        "ways": dict(done.ways),
        "wrong": sorted(done.wrong),
        "errors_caused": dict(errors),
        "to_be_read_again": len(done.stay),
        "read_again_by_patients": len(seen & done.stay),
        "staff_pages": count,
        "bytes": {name: size(place) for name, place in places.items()},
        "found": {name: counted(PRIVATE, place) for name, place in places.items()},
        "control_found": {name: counted(OPEN, place) for name, place in places.items()},
    }


# Where what staff may know has to be found, or the search proves nothing.
CONTROLS = ("dump", "wal", "files of the database", "valkey monitor", "valkey dump", "staff pages")


def holds(found: dict[str, Any]) -> bool:
    """Nothing was found, every way was gone and kept its words, and what may be found was."""
    return (
        not any(found["found"].values())
        and all(found["control_found"][place] for place in CONTROLS)
        and set(found["ways"]) == set(pages.WAYS)
        and not found["wrong"]
        and found["read_again_by_patients"] == found["to_be_read_again"]
        and all(found["bytes"].values())
    )


def keep_all_wal(superuser: str) -> None:
    """So that no segment is written over while this runs."""
    with psycopg.connect(superuser, autocommit=True) as database:
        database.execute("ALTER SYSTEM SET wal_keep_size = '4GB'")
        database.execute("SELECT pg_reload_conf()")


def dumped(host: str, folder: Path) -> bytes:
    """As a thief would have it: every row, as text."""
    command = [str(_postgres_bin() / "pg_dump"), "-h", host, "-U", "postgres", "-d", DATABASE]
    return subprocess.run(command, capture_output=True, check=True, cwd=folder).stdout


def decoded(told: dict[str, str]) -> bytes:
    """What is kept of each browser, past its compression."""
    env = {"PATH": "/usr/bin:/bin", **told}
    command = [sys.executable, "-m", "tests.journal.decoded"]
    return subprocess.run(command, capture_output=True, check=True, cwd=ROOT, env=env).stdout


def messages(told: dict[str, str]) -> bytes:
    return httpx.get(f"{told['SMS_BASE_URL']}/messages.json").content


def counted(word: str, place: list[bytes] | list[Path]) -> int:
    search = Search(word)
    return sum(search.count(each) if isinstance(each, bytes) else search.count_in(each) for each in place)


def size(place: list[bytes] | list[Path]) -> int:
    return sum(len(each) if isinstance(each, bytes) else each.stat().st_size for each in place if _is_there(each))


def _is_there(each: bytes | Path) -> bool:
    return isinstance(each, bytes) or each.exists()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.journal.canaries", description=__doc__)
    parser.add_argument("--n", type=int, default=1000, help="phrases")
    told = parser.parse_args()
    if not 0 < told.n <= MOST:
        parser.error(f"--n is 1 to {MOST}")
    found = run(told.n, stumbles=5, most_pages=MOST_PAGES)
    print(json.dumps(found))
    return 0 if holds(found) else 1


if __name__ == "__main__":
    sys.exit(main())
