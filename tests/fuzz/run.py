"""Sends generated requests, each in a transaction that is taken back, and counts what came of them."""

from __future__ import annotations

import sys
import time
import traceback
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import unquote_to_bytes

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.core.signals import got_request_exception
from django.db import transaction
from django.test import Client, RequestFactory
from django.test.client import ClientHandler
from django.utils import timezone
from django.utils.module_loading import import_string

from aftercare.bounds import make_readable
from clinic.demo import AROUND, CAN_BE, CEDAR, HARBOR, STAFF, refresh_demo
from tests.fuzz import hostile
from tests.fuzz.addresses import Known, fill, known_fields, routes, rows

# Shows error pages on purpose.
ON_PURPOSE = "start/errors/<int:status>/"
STAFF_KEYS = tuple(colleague.key for colleague in STAFF)
# Left out: it fills the demo anew by the hand of the owner of the tables, who does not see a transaction that is still open.
BY_THE_OWNER = "start/over/"
# Between them they are shown every form.
SHOWN_TO = ("", "hour_1", "nurse", "clinician", "manager")
PEOPLE = ("", *CAN_BE, *AROUND, *STAFF_KEYS)
EVERYWHERE = ("Content-Security-Policy", "Cross-Origin-Resource-Policy", "X-Content-Type-Options", "Permissions-Policy")


class Door(ClientHandler):
    """The test client's way in, with the look that aftercare.wsgi takes first. An answer keeps what was raised."""

    def __call__(self, environ: dict[str, Any]) -> Any:
        make_readable(environ)
        raised: list[Any] = []

        def keep(**_: Any) -> None:
            raised.append(sys.exc_info())

        got_request_exception.connect(keep)
        response = super().__call__(environ)
        got_request_exception.disconnect(keep)
        response.exc_info = raised[-1] if raised else None  # type: ignore[attr-defined]
        return response


@dataclass(frozen=True)
class Request:
    """One generated request: enough to send it, and to show it."""

    number: int
    who: str
    route: str
    environ: Mapping[str, Any]
    body: bytes
    session: Mapping[str, Any] | None

    def __str__(self) -> str:
        told = {name: str(value)[:200] for name, value in self.environ.items()}
        return f"{self.number} as {self.who or 'a stranger'}: {told} {self.body[:600]!r} {self.session or ''}"


@dataclass
class Outcome:
    """What a run came to."""

    by_class: Counter[str] = field(default_factory=Counter)
    failed: list[dict[str, Any]] = field(default_factory=list)
    bare: list[dict[str, Any]] = field(default_factory=list)
    seconds: float = 0.0

    def as_facts(self, *, seed: int) -> dict[str, Any]:
        n = sum(self.by_class.values())
        return {
            "n": n,
            "seed": seed,
            "by_status": dict(sorted(self.by_class.items())),
            "failed": self.failed[:50],
            "without_headers": self.bare[:50],
            "seconds": round(self.seconds, 1),
            "requests_per_second": round(n / self.seconds, 1) if self.seconds else 0,
        }


class Fuzz:
    """The demo, everybody in it signed in, and a generator that gives the same requests for the same seed."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        refresh_demo(at=timezone.now(), reset=True)
        self._cookies: dict[str, bytes] = {}
        self._sessions: dict[str, dict[str, Any]] = {}
        browsers = {who: self._become(who) for who in PEOPLE}
        self.ids = {**rows((CEDAR, HARBOR)), "str": ["abc"]}
        with transaction.atomic():
            self.known: Known = known_fields([browsers[who] for who in SHOWN_TO], self.ids, _random(seed))
            transaction.set_rollback(True)
        self.names = sorted({name for fields in self.known.values() for name in fields} | {"q", "seen", "show", "next"})
        self.routes = [route for route in routes() if route != BY_THE_OWNER]
        self._doors = {strict: Door(strict) for strict in (True, False)}
        self._environ = RequestFactory().get("/").environ

    def request(self, number: int) -> Request:
        """The request of this number: the same each time, as far as the demo's rows are."""
        random = _random(f"{self.seed}:{number}")
        route = random.choice(self.routes)
        who = random.choice(STAFF_KEYS if route.startswith("staff/") and random.random() < 0.7 else PEOPLE)
        method = hostile.method(random)
        path, query = fill(route, random, self.ids), hostile.query(random, self.names)
        body, content_type = b"", ""
        if method not in {"GET", "HEAD"} or random.random() < 0.03:
            body, content_type = hostile.body(random, hostile.fields(random, self.known.get(route, {})))
        session = hostile.wrong_session(random, self._sessions[who]) if random.random() < 0.04 else None
        environ = {
            "REQUEST_METHOD": method,
            "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
            "QUERY_STRING": query.decode("latin-1"),
            "CONTENT_TYPE": content_type,
            "CONTENT_LENGTH": str(len(body)) if body else "",
            "HTTP_COOKIE": hostile.cookies(random, self._cookies[who]).decode("latin-1"),
            **({"HTTP_HX_REQUEST": "true"} if random.random() < 0.25 else {}),
            **({"HTTP_ORIGIN": "http://testserver"} if random.random() < 0.4 else {}),
            **hostile.headers(random),
            "wsgi.url_scheme": "https" if random.random() < 0.05 else "http",
        }
        return Request(number, who, route, environ, body, session)

    def send(self, request: Request) -> Any:
        """The answer; what it changed is taken back."""
        environ = {**self._environ, **request.environ, "wsgi.input": BytesIO(request.body)}
        with transaction.atomic():
            if request.session is not None:
                environ["HTTP_COOKIE"] = _cookie(_stored(request.session)).decode()
            response = self._doors[request.number % 7 == 0](environ)
            b"".join(response)
            transaction.set_rollback(True)
        return response

    def run(self, numbers: Iterator[int] | range) -> Outcome:
        outcome, began = Outcome(), time.monotonic()
        for number in numbers:
            request = self.request(number)
            response = self.send(request)
            outcome.by_class[f"{response.status_code // 100}xx"] += 1
            told = {"number": number, "status": response.status_code, "route": request.route, "as": request.who}
            if response.status_code >= 500 and request.route != ON_PURPOSE:
                outcome.failed.append({**told, **_raised(response)})
            if any(name not in response.headers for name in EVERYWHERE):
                outcome.bare.append(told)
        outcome.seconds = time.monotonic() - began
        return outcome

    def _become(self, who: str) -> Client:
        browser = Client()
        if who:
            response = browser.post("/start/as/", {"who": who})
            assert response.status_code == 303, f"Nobody can become {who}: {response.status_code}"
        browser.get("/welcome/")
        session = browser.session if settings.SESSION_COOKIE_NAME in browser.cookies else {}
        self._sessions[who] = dict(session.items())
        self._cookies[who] = "; ".join(f"{name}={morsel.value}" for name, morsel in browser.cookies.items()).encode()
        return browser


def _random(seed: object) -> Random:
    return Random(str(seed))  # noqa: S311  the same again is what it is for


def _raised(response: Any) -> dict[str, Any]:
    """The class of what was raised, and the last line of the project that it passed."""
    kind, _, trace = getattr(response, "exc_info", None) or (None, None, None)
    if kind is None:
        return {}
    frames = [frame for frame in traceback.extract_tb(trace) if "site-packages" not in frame.filename]
    at = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return {"error": kind.__name__, "at": at}


def _stored(values: Mapping[str, Any]) -> SessionBase:
    session: SessionBase = import_string(f"{settings.SESSION_ENGINE}.SessionStore")()
    session.update(values)
    session.create()
    return session


def _cookie(session: SessionBase) -> bytes:
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}".encode()
