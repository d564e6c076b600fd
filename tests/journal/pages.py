"""Phones that write and read private words by the real pages, over HTTP."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from html.parser import HTMLParser
from threading import Event, Lock
from uuid import uuid4

from tests.chaos.phones import Answered, Phone

PIN = "480913"
LINE, READ_LINE = "/set-up/your-line/", "/set-up/your-line/read/"


class Hidden(HTMLParser):
    """The hidden fields of each form of a page, by the form's address."""

    def __init__(self, body: str) -> None:
        super().__init__()
        self.forms: dict[str, dict[str, str]] = {}
        self._fields: dict[str, str] | None = None
        self.feed(body)

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._fields = self.forms.setdefault(told.get("action", ""), {})
        if self._fields is not None and tag == "input" and told.get("type") == "hidden":
            self._fields[told["name"]] = told.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._fields = None


def send(phone: Phone, address: str, form: Mapping[str, str], *, action: str = "") -> Answered:
    """Opens the page, fills in its form and sends it. What the page itself answered, when it has no such form."""
    page = phone.get(address)
    hidden = Hidden(page.body).forms.get(action)
    if hidden is None:
        return page
    return phone.post(action or address, {**hidden, **form})


@dataclass(slots=True)
class Seen:
    """What became of all requests of a load. `wrong` names what must not be."""

    requests: int = 0
    slowest: float = 0.0
    wrong: list[str] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)

    def note(self, what: str, began: float, *, is_right: bool) -> None:
        with self.lock:
            self.requests += 1
            self.slowest = max(self.slowest, time.monotonic() - began)
            if not is_right:
                self.wrong.append(what)


class WordsLoad:
    """Each phone writes a line and reads it again, over and over, until it is told to stop."""

    def __init__(self, port: int, sessions: Sequence[str]) -> None:
        self.seen = Seen()
        self._is_over, self._pool = Event(), ThreadPoolExecutor(len(sessions))
        self._running: list[Future[None]] = [self._pool.submit(self._go_on, Phone(port, each)) for each in sessions]

    def stop(self) -> Seen:
        """Waits for what is under way."""
        self._is_over.set()
        self._pool.shutdown()
        for each in self._running:
            each.result()
        return self.seen

    def _go_on(self, phone: Phone) -> None:
        while not self._is_over.is_set():
            words = f"A quiet line {uuid4()}."
            self._once("write", phone, LINE, {"line": words}, status=303)
            self._once("read", phone, READ_LINE, {"known_pin": PIN}, status=200, shows=words)

    def _once(
        self, what: str, phone: Phone, address: str, form: Mapping[str, str], *, status: int, shows: str = ""
    ) -> None:
        began = time.monotonic()
        answered = send(phone, address, form)
        self.seen.note(
            f"{what}: {answered.status}", began, is_right=answered.status == status and shows in answered.body
        )
