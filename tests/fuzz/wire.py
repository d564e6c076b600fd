"""`python -m tests.fuzz.wire --url http://localhost:8000 --n 500`: bytes on a socket that no client would send.

The server has to answer with 4xx, or with what an ordinary request gets, or to close; and to be there afterwards.
"""

from __future__ import annotations

import argparse
import json
import socket
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from random import Random
from urllib.parse import urlsplit

_HOST = b"Host: localhost\r\n"
_FORM = b"Content-Type: application/x-www-form-urlencoded\r\n"
_POST = b"POST /code/ HTTP/1.1\r\n" + _HOST + _FORM
REQUESTS: dict[str, bytes] = {
    "nothing": b"\r\n\r\n",
    "garbage": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    "http 0.9": b"GET /help/\r\n\r\n",
    "http 2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "http 9": b"GET /help/ HTTP/9.9\r\n" + _HOST + b"\r\n",
    "no host": b"GET /help/ HTTP/1.1\r\n\r\n",
    "two hosts": b"GET /help/ HTTP/1.1\r\n" + _HOST + b"Host: evil.example\r\n\r\n",
    "odd method": b"G\x00T /help/ HTTP/1.1\r\n" + _HOST + b"\r\n",
    "new method": b"BREW /help/ HTTP/1.1\r\n" + _HOST + b"\r\n",
    "trace": b"TRACE /help/ HTTP/1.1\r\n" + _HOST + b"\r\n",
    "connect": b"CONNECT evil.example:443 HTTP/1.1\r\n" + _HOST + b"\r\n",
    "no path": b"GET  HTTP/1.1\r\n" + _HOST + b"\r\n",
    "star": b"OPTIONS * HTTP/1.1\r\n" + _HOST + b"\r\n",
    "whole address": b"GET http://evil.example/help/ HTTP/1.1\r\n" + _HOST + b"\r\n",
    "raw bytes in the path": b"GET /\xff\xfe/\x80 HTTP/1.1\r\n" + _HOST + b"\r\n",
    "nul in the path": b"GET /he\x00lp/ HTTP/1.1\r\n" + _HOST + b"\r\n",
    "nul in a header": b"GET /help/ HTTP/1.1\r\n" + _HOST + b"X: a\x00b\r\n\r\n",
    "raw bytes in a cookie": b"GET /help/ HTTP/1.1\r\n" + _HOST + b"Cookie: sid=\xff\xfe\r\n\r\n",
    "folded header": b"GET /help/ HTTP/1.1\r\n" + _HOST + b"X: a\r\n b\r\n\r\n",
    "space before the colon": b"GET /help/ HTTP/1.1\r\n" + _HOST + b"X : a\r\n\r\n",
    "bare line feeds": b"GET /help/ HTTP/1.1\nHost: localhost\n\n",
    "long path": b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\n" + _HOST + b"\r\n",
    "long header": b"GET /help/ HTTP/1.1\r\n" + _HOST + b"X: " + b"a" * 900_000 + b"\r\n\r\n",
    "many headers": b"GET /help/ HTTP/1.1\r\n" + _HOST + b"".join(b"X%d: a\r\n" % n for n in range(3000)) + b"\r\n",
    "length below nought": _POST + b"Content-Length: -1\r\n\r\ncode=a",
    "length of no number": _POST + b"Content-Length: abc\r\n\r\ncode=a",
    "two lengths": _POST + b"Content-Length: 3\r\nContent-Length: 6\r\n\r\ncode=a",
    "length without end": _POST + b"Content-Length: 99999999999999999999999\r\n\r\ncode=a",
    "length too long": _POST + b"Content-Length: 300000\r\n\r\ncode=a",
    "length and chunks": _POST
    + b"Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /evil HTTP/1.1\r\n\r\n",
    "chunks": _POST + b"Transfer-Encoding: chunked\r\n\r\n6\r\ncode=a\r\n0\r\n\r\n",
    "chunk that lies": _POST + b"Transfer-Encoding: chunked\r\n\r\nffffffff\r\ncode=a\r\n0\r\n\r\n",
    "chunk of no number": _POST + b"Transfer-Encoding: chunked\r\n\r\nxyz\r\ncode=a\r\n",
    "chunks twice": _POST + b"Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
    "odd encoding": _POST + b"Transfer-Encoding: gzip\r\n\r\ncode=a",
    "odd type": _POST.replace(_FORM, b"Content-Type: a/b; charset*=x''%00\r\n") + b"Content-Length: 6\r\n\r\ncode=a",
    "type and query": b"GET /help/?"
    + b"a=b&" * 300
    + b" HTTP/1.1\r\n"
    + _HOST
    + _FORM[:-2]
    + b"; charset=utf-8\r\n\r\n",
    "wait for it": _POST + b"Content-Length: 6\r\nExpect: 100-continue\r\n\r\n",
    "many at once": (b"GET /healthz HTTP/1.1\r\n" + _HOST + b"\r\n") * 50,
    "upgrade": b"GET /help/ HTTP/1.1\r\n" + _HOST + b"Connection: Upgrade\r\nUpgrade: h2c\r\nHTTP2-Settings: x\r\n\r\n",
    "websocket": b"GET / HTTP/1.1\r\n"
    + _HOST
    + b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\n\r\n",
}
STALLED = 40


class Wire:
    """A server by its address, spoken to in bytes."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.place = (parts.hostname or "localhost", parts.port or 80)

    def send(self, sent: bytes, *, seconds: float = 1.0) -> int:
        """The status that came back; 0 when the server closed or said nothing within these seconds."""
        with socket.create_connection(self.place, 5) as connection:
            connection.settimeout(seconds)
            with suppress(OSError):
                connection.sendall(sent)
                if not sent.startswith(b"GET"):
                    connection.shutdown(socket.SHUT_WR)
            try:
                answer = connection.recv(4096)
            except OSError:
                return 0
        words = answer.split(b" ", 2)
        return int(words[1]) if answer.startswith(b"HTTP/") and len(words) > 1 and words[1].isdigit() else 0

    def answers(self) -> float:
        """Seconds until an ordinary page came. Raises AssertionError when it did not."""
        began = time.monotonic()
        status = self.send(b"GET /help/ HTTP/1.1\r\n" + _HOST + b"Connection: close\r\n\r\n", seconds=10)
        assert status == 200, f"/help/ answered {status}"
        return time.monotonic() - began

    def stalled(self, ends: ExitStack) -> None:
        """Opens uploads and heads that never come to an end, and leaves them open."""
        for number in range(STALLED):
            connection = ends.enter_context(socket.create_connection(self.place, 5))
            connection.sendall(_POST + b"Content-Length: 9000\r\n\r\ncode=" if number % 2 else _POST[:40])


def generated(random: Random, n: int) -> Iterator[tuple[str, bytes]]:
    """Each request above once; then bits of them, cut, doubled and sprinkled with other bytes."""
    names = sorted(REQUESTS)
    for number in range(n):
        name = names[number % len(names)]
        sent = bytearray(REQUESTS[name][:8000] if number >= len(names) else REQUESTS[name])
        if number >= len(names):
            for _ in range(random.randrange(1, 4)):
                sent[random.randrange(len(sent))] = random.randrange(256)
            if random.random() < 0.3:
                sent = sent[: random.randrange(1, len(sent))]
        yield name, bytes(sent)


def run(url: str, *, n: int, seed: int) -> dict[str, object]:
    """What came of n requests: by status class (0: closed), those that got 5xx, and how fast a page came meanwhile."""
    wire, by_class, failed, began = Wire(url), Counter[str](), [], time.monotonic()
    for name, sent in generated(Random(seed), n):  # noqa: S311  the same again is what it is for
        status = wire.send(sent, seconds=0.3)
        by_class[f"{status // 100}xx" if status else "closed"] += 1
        if status >= 500:
            failed.append({"name": name, "status": status, "sent": repr(sent[:200])})
    with ExitStack() as ends:
        wire.stalled(ends)
        slowest = max(wire.answers() for _ in range(5))
    return {
        "n": n,
        "seed": seed,
        "by_status": dict(sorted(by_class.items())),
        "failed": failed,
        "seconds": round(time.monotonic() - began, 1),
        "slowest_page_beside_stalled_uploads": round(slowest, 2),
    }


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.wire", description=__doc__)
    parser.add_argument("--url", required=True)
    parser.add_argument("--n", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    told = parser.parse_args()
    facts = run(told.url, n=told.n, seed=told.seed)
    print(json.dumps(facts))
    return 1 if facts["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
