"""A stand-in for the provider of texts and calls, and for a push service, on loopback: keeps what it was sent, and can be
told to fail.

`python -m prompts.channels.standin --port 9001 --mail-port 9002`, with the stand-in for the mail server beside it.
GET /messages.json lists what arrived at either, newest last (?last=12 the newest 12); /attempts.json tells of each
Idempotency-Key how often it came and what became of it; /pushes.json lists notices, for which browser (the end
of /push/<token>), with which headers, and sealed as they are, in base64.
"""

from __future__ import annotations

import argparse
import base64
import json
import signal
import sys
import threading
from dataclasses import asdict
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit
from xml.etree import ElementTree as ET

from prompts.channels.faults import FAULTS, MAIL_FAULTS, Shares, fault, unclear
from prompts.channels.inbox import Inbox
from prompts.channels.mailstandin import MailStandIn
from prompts.channels.reporting import Reporter

PUSH = "/push/"
_HEADERS = (("Retry-After", "retry_after"), ("Location", "location"))
# Twilio's resources: what each makes of a request.
KINDS = {"Messages.json": "sms", "Calls.json": "voice"}


class StandIn(ThreadingHTTPServer):
    """A server on 127.0.0.1 with its inbox; call serve_forever() on a thread.

    With `faults`, a seed, it is flaky. With `reports` it says what became of a message to whoever asked for that.
    """

    daemon_threads = True
    request_queue_size = 256

    def __init__(
        self,
        *,
        port: int = 0,
        faults: int | None = None,
        shares: Shares = FAULTS,
        honours_keys: bool = True,
        reports: bool = False,
    ) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.inbox = Inbox(honours_keys=honours_keys)
        self.faults, self.shares = faults, shares
        self.reporter = Reporter() if reports else None
        self.is_over = threading.Event()

    def server_close(self) -> None:
        self.is_over.set()  # nobody who hangs holds anything up
        super().server_close()
        if self.reporter:
            self.reporter.close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that waited no longer is no news."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)

    def told(self, key: str, request: int) -> dict[str, Any]:
        """What the next request is answered with: as told by hand, else as the seed has it."""
        by_hand = self.inbox.next_answer()
        return by_hand if by_hand or self.faults is None else fault(self.faults, key, request, self.shares)


class Handler(BaseHTTPRequestHandler):
    """Twilio's way to send a message, and addresses of our own: what arrived, and what to answer next."""

    server: StandIn

    def do_GET(self) -> None:
        address, inbox = urlsplit(self.path), self.server.inbox
        if address.path == "/messages.json":
            last = int(parse_qs(address.query).get("last", ["0"])[0])
            with inbox.lock:
                arrived = inbox.messages[-last:]
            return self._answer(200, arrived)
        if address.path == "/attempts.json":
            with inbox.lock:
                attempts = {key: asdict(each) for key, each in inbox.attempts.items() if key}
            return self._answer(200, attempts)
        if address.path == "/pushes.json":
            with inbox.lock:
                pushes = [{**push, "content": base64.b64encode(push["content"]).decode()} for push in inbox.pushes]
            return self._answer(200, pushes)
        if address.path.rpartition("/")[2] == "Messages.json":
            return self._list(parse_qs(address.query).get("To", [""])[0])
        return self._answer(404, {"code": 20404, "message": "not found"})

    def _list(self, number: str) -> None:
        told = self.server.inbox.next_list_answer()
        self.server.is_over.wait(float(told.get("hang", 0)))
        self._answer(int(told.get("status", 200)), {"messages": self._sent_to(number)})

    def _sent_to(self, number: str) -> list[dict[str, Any]]:
        """The texts to a number as Twilio lists them, newest first."""
        with self.server.inbox.lock:
            arrived = [
                each for each in self.server.inbox.messages if each.get("kind") == "sms" and each["to"] == number
            ]
        return [
            {
                "sid": each["sid"],
                "to": number,
                "body": each["body"],
                "status": "delivered",
                "error_code": None,
                "date_created": formatdate(float(each["at"])),
            }
            for each in reversed(arrived)
        ]

    def do_POST(self) -> None:
        size = int(self.headers.get("content-length") or 0)
        content, inbox = self.rfile.read(min(size, 65536)), self.server.inbox
        if self.path.startswith(PUSH):
            return self._take_push(self.path.removeprefix(PUSH), content)
        body = content.decode("utf-8", "replace")
        answers = {
            "/answers.json": inbox.answers,
            "/mail-answers.json": inbox.mail_answers,
            "/push-answers.json": inbox.push_answers,
        }
        if self.path in answers:
            with inbox.lock:
                answers[self.path].extend(json.loads(body))
            return self._answer(200, {})
        if kind := KINDS.get(self.path.rpartition("/")[2]):
            return self._take(kind, dict(parse_qsl(body)), key=self.headers.get("Idempotency-Key", ""))
        return self._answer(404, {"code": 20404, "message": "not found"})

    def _take(self, kind: str, form: dict[str, str], *, key: str) -> None:
        inbox = self.server.inbox
        told = self.server.told(key, inbox.note(form, kind=kind, key=key))
        if kind == "voice":
            try:
                form["Body"] = _words(form.get("Twiml", ""))
            except ET.ParseError:
                return self._answer(400, {"code": 12100, "message": "no XML"})
        sid = inbox.accept(form, kind=kind, key=key) if told.get("accept", not told.get("status")) else ""
        if sid and self.server.reporter and "StatusCallback" in form:
            self.server.reporter.report(form["StatusCallback"], kind=kind, sid=sid, secret=self._secret())
        self.server.is_over.wait(float(told.get("hang", 0)))
        status = int(told.get("status", 201))
        if status < 300:
            return self._answer(status, {"sid": sid, "status": "queued", "to": form.get("To", "")})
        headers = {"Retry-After": str(told["retry_after"])} if "retry_after" in told else {}
        return self._answer(status, {"code": told.get("code", status), "message": "told to fail"}, headers)

    def _take_push(self, token: str, content: bytes) -> None:
        told = self.server.inbox.next_push_answer()
        status = int(told.get("status", 201))
        if told.get("accept", status < 300):
            self.server.inbox.accept_push(token, {name.lower(): value for name, value in self.headers.items()}, content)
        self.server.is_over.wait(float(told.get("hang", 0)))
        headers = {name: str(told[key]) for name, key in _HEADERS if key in told}
        return self._answer(status, {}, headers)

    def _secret(self) -> str:
        """The account's, which also signs what the provider tells us."""
        sent = self.headers.get("Authorization", "").removeprefix("Basic ")
        return base64.b64decode(sent).decode().partition(":")[2]

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


def _words(twiml: str) -> str:
    """All that a call says, a line for each time that it says something. Raises ParseError for what is no XML."""
    said = ET.fromstring(twiml).iter("Say")  # noqa: S314  our own words, on loopback
    return "\n".join(each.text or "" for each in said)


def make_server(
    *,
    port: int = 0,
    faults: int | None = None,
    shares: Shares = FAULTS,
    honours_keys: bool = True,
    reports: bool = False,
) -> tuple[StandIn, Inbox]:
    """A stand-in on a free port, or on `port`, and its inbox."""
    server = StandIn(port=port, faults=faults, shares=shares, honours_keys=honours_keys, reports=reports)
    return server, server.inbox


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--mail-port", type=int, required=True)
    parser.add_argument("--faults", type=int, metavar="SEED", help="fail now and then, alike for the same seed")
    parser.add_argument(
        "--unclear",
        type=int,
        metavar="SHARE",
        help="of a hundred texts and e-mails, so many are taken without an answer",
    )
    parser.add_argument("--no-keys", action="store_true", help="take each request for a message of its own")
    parser.add_argument("--reports", action="store_true", help="report what arrived, signed, to whoever asked for it")
    options = parser.parse_args()
    shares, mail_shares = (FAULTS, MAIL_FAULTS) if options.unclear is None else unclear(options.unclear)
    server, inbox = make_server(
        port=options.port,
        faults=options.faults,
        shares=shares,
        honours_keys=not options.no_keys,
        reports=options.reports,
    )
    # Only who asks for it meets a mail server with bad days.
    mail_faults = options.faults if options.unclear is not None else None
    mail = MailStandIn(inbox, port=options.mail_port, faults=mail_faults, shares=mail_shares)
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, lambda *_: sys.exit(0))
    mail.start()
    try:
        server.serve_forever()
    finally:
        server.server_close()
        mail.stop()


if __name__ == "__main__":
    main()
