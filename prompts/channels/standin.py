"""A stand-in for the text provider, on loopback: keeps what it was sent, and can be told to fail.

`python -m prompts.channels.standin --port 9001 --mail-port 9002`, with the stand-in for the mail server beside it.
GET /messages.json lists what arrived at either, newest last.
"""

from __future__ import annotations

import argparse
import json
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

from prompts.channels.inbox import Inbox
from prompts.channels.mailstandin import MailStandIn


class StandIn(ThreadingHTTPServer):
    """A server on 127.0.0.1 with its inbox; call serve_forever() on a thread."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, *, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.inbox = Inbox()


class Handler(BaseHTTPRequestHandler):
    """Twilio's way to send a message, and addresses of our own: what arrived, and what to answer next."""

    server: StandIn

    def do_GET(self) -> None:
        if self.path != "/messages.json":
            return self._answer(404, {"code": 20404, "message": "not found"})
        with self.server.inbox.lock:
            arrived = list(self.server.inbox.messages)
        return self._answer(200, arrived)

    def do_POST(self) -> None:
        size = int(self.headers.get("content-length") or 0)
        body = self.rfile.read(min(size, 65536)).decode("utf-8", "replace")
        if self.path in {"/answers.json", "/mail-answers.json"}:
            inbox = self.server.inbox
            with inbox.lock:
                (inbox.answers if self.path == "/answers.json" else inbox.mail_answers).extend(json.loads(body))
            return self._answer(200, {})
        if self.path.endswith("/Messages.json"):
            return self._message(dict(parse_qsl(body)), self.server.inbox.next_answer())
        return self._answer(404, {"code": 20404, "message": "not found"})

    def _message(self, form: dict[str, str], told: dict[str, Any]) -> None:
        sid = self.server.inbox.accept(form) if told.get("accept", not told.get("status")) else ""
        if told.get("hang"):
            time.sleep(float(told["hang"]))
        status = int(told.get("status", 201))
        if status < 300:
            return self._answer(status, {"sid": sid, "status": "queued", "to": form.get("To", "")})
        headers = {"Retry-After": str(told["retry_after"])} if "retry_after" in told else {}
        return self._answer(status, {"code": told.get("code", status), "message": "told to fail"}, headers)

    def _answer(self, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
        payload = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(payload)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(payload)

    def log_message(self, *_: Any) -> None:
        """Nothing: a log line would hold a phone number."""


def make_server(*, port: int = 0) -> tuple[StandIn, Inbox]:
    """A stand-in on a free port, or on `port`, and its inbox."""
    server = StandIn(port=port)
    return server, server.inbox


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--mail-port", type=int, required=True)
    options = parser.parse_args()
    server, inbox = make_server(port=options.port)
    MailStandIn(inbox, port=options.mail_port).start()
    server.serve_forever()


if __name__ == "__main__":
    main()
