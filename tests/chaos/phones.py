"""Phones that answer a check-in's first question by the real pages, and do not let go before they are told that it came.

Each opens the page, taps a tile of it, and sends the same form again until a 303 comes. One in twenty taps twice at once.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.client import HTTPConnection, HTTPException
from random import Random
from threading import Event, Lock, Thread
from urllib.parse import urlencode
from uuid import uuid4

from tests.chaos.figures import RED, Tap

PAGE = "/check-in/"
AT_ONCE = 64
# Of a hundred taps so many are red, and so many come twice.
RED_SHARE, DOUBLE_SHARE = 0.3, 0.05
# Seconds: how long one request may take, between two tries, and until a phone gives up (nobody does before).
TIMEOUT, PAUSE, GIVES_UP_AFTER = 15.0, (0.2, 1.0), 150.0


@dataclass(slots=True)
class Answered:
    """What came back: 0 for nothing."""

    status: int = 0
    body: str = ""
    place: str = ""
    cookies: dict[str, str] = field(default_factory=dict)


class QuestionPage(HTMLParser):
    """The form of a question: its hidden fields, and the level that each tile has by itself."""

    def __init__(self, body: str) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self.tiles: dict[str, str] = {}
        self._is_inside = False
        self.feed(body)

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._is_inside = "ask" in told.get("class", "").split()
        if self._is_inside and tag == "input" and told.get("type") == "hidden":
            self.fields[told["name"]] = told.get("value", "")
        if self._is_inside and tag == "button" and told.get("name") == "answer":
            self.tiles[told["value"]] = told.get("data-flag", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._is_inside = False


class Phone:
    """One patient's browser with its cookie."""

    def __init__(self, port: int, session: str) -> None:
        self._port, self._origin = port, f"http://localhost:{port}"
        self._cookies = {"sid": session}

    def get(self, address: str) -> Answered:
        answered = self._ask("GET", address, None)
        self._cookies |= answered.cookies
        return answered

    def post(self, address: str, form: Mapping[str, str]) -> Answered:
        return self._ask("POST", address, urlencode(form))

    def _ask(self, method: str, address: str, body: str | None) -> Answered:
        connection = HTTPConnection("127.0.0.1", self._port, timeout=TIMEOUT)
        headers = {
            "Host": self._origin.removeprefix("http://"),
            "Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items()),
        }
        if body is not None:
            headers |= {"Content-Type": "application/x-www-form-urlencoded", "Origin": self._origin}
        try:
            connection.request(method, address, body, headers)
            response = connection.getresponse()
            words = response.read().decode("utf-8", "replace")
            cookies = dict(line.split(";", 1)[0].split("=", 1) for line in response.headers.get_all("Set-Cookie") or [])
            return Answered(response.status, words, response.headers.get("Location", ""), cookies)
        except (OSError, HTTPException):
            return Answered()
        finally:
            connection.close()


class Load:
    """So many check-ins, begun at an even rate whatever becomes of those before; on threads of their own."""

    def __init__(self, port: int, sessions: Sequence[str], *, rate: float, seed: int) -> None:
        self.taps = [Tap(number) for number in range(len(sessions))]
        self._port, self._sessions, self._rate, self._seed = port, sessions, rate, seed
        self._is_over, self._lock = Event(), Lock()
        self._thread = Thread(target=self._run, daemon=True)

    def start(self) -> None:
        self._thread.start()

    @property
    def is_over(self) -> bool:
        return not self._thread.is_alive()

    def give_up(self) -> None:
        """Nobody tries again from now on."""
        self._is_over.set()

    def _run(self) -> None:
        began = time.monotonic()
        with ThreadPoolExecutor(AT_ONCE) as pool:
            running: list[Future[None]] = []
            for tap, session in zip(self.taps, self._sessions, strict=True):
                self._is_over.wait(max(began + tap.number / self._rate - time.monotonic(), 0))
                running.append(pool.submit(self._check_in, tap, session))
            wait(running)
        for each in running:
            each.result()

    def _check_in(self, tap: Tap, session: str) -> None:
        person, dice = (Random(f"{whose} {self._seed} {tap.number}") for whose in ("person", "pauses"))  # noqa: S311
        wants_red, tap.is_double = person.random() < RED_SHARE, person.random() < DOUBLE_SHARE
        phone, until = Phone(self._port, session), time.monotonic() + GIVES_UP_AFTER
        page = self._open(phone, tap, dice, until)
        if page is None:
            return
        tap.answer = person.choice([key for key, flag in page.tiles.items() if (flag in RED) == wants_red])
        tap.flag = page.tiles[tap.answer]
        tap.key = page.fields["key"] = str(uuid4())
        form = {**page.fields, "answer": tap.answer}
        second = Thread(target=self._send, args=(phone, tap, form, Random(dice.random()), until))  # noqa: S311
        if tap.is_double:
            second.start()
        self._send(phone, tap, form, dice, until)
        if tap.is_double:
            second.join()

    def _open(self, phone: Phone, tap: Tap, dice: Random, until: float) -> QuestionPage | None:
        while not self._is_over.is_set() and time.monotonic() < until:
            answered = phone.get(PAGE)
            if answered.status == 200 and (page := QuestionPage(answered.body)).tiles:
                return page
            self._note(tap, answered)
            self._is_over.wait(dice.uniform(*PAUSE))
        return None

    def _send(self, phone: Phone, tap: Tap, form: Mapping[str, str], dice: Random, until: float) -> None:
        """The same form until it is taken."""
        while not self._is_over.is_set() and time.monotonic() < until:
            answered = phone.post(PAGE, form)
            if answered.status == 303:
                with self._lock:
                    tap.acknowledged_at = tap.acknowledged_at or time.time()
                    tap.places.append(answered.place)
                return
            self._note(tap, answered)
            self._is_over.wait(dice.uniform(*PAUSE))

    def _note(self, tap: Tap, answered: Answered) -> None:
        with self._lock:
            tap.again += 1
            if answered.status:
                tap.refused.append(answered.status)
