"""What the stand-ins of the providers keep: the messages that arrived, and the answers that were asked for."""

from __future__ import annotations

import email
import email.policy
import threading
import time
from collections import defaultdict
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any

# An e-mail is kept whole, and is larger.
KEEPS, KEEPS_LETTERS = 20_000, 5_000


@dataclass(slots=True)
class Attempts:
    """All requests with one key: how many, how many messages that made, and when the first was taken (Unix time)."""

    kind: str = ""
    to: str = ""
    requests: int = 0
    arrived: int = 0
    accepted_at: float | None = None
    sid: str = ""


class Inbox:
    """Texts, calls and e-mails as they arrived, newest last. One entry of the answers is used up by one request."""

    def __init__(self, *, honours_keys: bool = True) -> None:
        self.lock = threading.Lock()
        self.messages: list[dict[str, str]] = []
        self.letters: list[EmailMessage] = []
        self.answers: list[dict[str, Any]] = []
        self.mail_answers: list[dict[str, Any]] = []
        self.pushes: list[dict[str, Any]] = []
        self.push_answers: list[dict[str, Any]] = []
        self.list_answers: list[dict[str, Any]] = []
        self.attempts: dict[str, Attempts] = defaultdict(Attempts)
        self._honours_keys = honours_keys
        self._count = 0

    def note(self, form: dict[str, str], *, kind: str = "sms", key: str = "") -> int:
        """A request came, whatever becomes of it. Returns its number among those with this key; "" is a key too."""
        with self.lock:
            attempts = self.attempts[key]
            attempts.kind, attempts.to = kind, form.get("To", "")
            attempts.requests += 1
            return attempts.requests

    def accept(self, form: dict[str, str], *, kind: str = "sms", key: str = "") -> str:
        """A text, or a call with its words as Body; returns its id. What has a key that is known arrives no second time."""
        with self.lock:
            attempts = self.attempts[key]
            if key and self._honours_keys and attempts.sid:
                return attempts.sid
            self._count += 1
            sid = f"{'CA' if kind == 'voice' else 'SM'}{self._count:032x}"
            told = {name: form.get(name.title(), "") for name in ("to", "body")}
            at = self._keep({"sid": sid, "kind": kind, "sender": form.get("From", ""), **told})
            attempts.arrived += 1
            attempts.sid, attempts.accepted_at = attempts.sid or sid, attempts.accepted_at or at
            return sid

    def accept_mail(self, to: str, content: bytes) -> None:
        letter = email.message_from_bytes(content, policy=email.policy.default)
        body = letter.get_body(("plain",))
        shown = {
            "to": to,
            "from": str(letter["From"]),
            "subject": str(letter["Subject"]),
            "body": str(body.get_content()).strip() if body else "",
        }
        with self.lock:
            self._keep(shown)
            self.letters.append(letter)
            _cut(self.letters, most=KEEPS_LETTERS)

    def accept_push(self, token: str, headers: dict[str, str], content: bytes) -> None:
        """A notice for the browser that `token` names: sealed for it, so that nobody here can read it."""
        with self.lock:
            self.pushes.append({"token": token, "headers": headers, "content": content, "at": f"{time.time():.3f}"})
            _cut(self.pushes, most=KEEPS_LETTERS)

    def next_answer(self) -> dict[str, Any]:
        with self.lock:
            return self.answers.pop(0) if self.answers else {}

    def next_mail_answer(self) -> dict[str, Any]:
        with self.lock:
            return self.mail_answers.pop(0) if self.mail_answers else {}

    def next_push_answer(self) -> dict[str, Any]:
        with self.lock:
            return self.push_answers.pop(0) if self.push_answers else {}

    def next_list_answer(self) -> dict[str, Any]:
        with self.lock:
            return self.list_answers.pop(0) if self.list_answers else {}

    def _keep(self, shown: dict[str, str]) -> float:
        at = time.time()
        self.messages.append({**shown, "at": f"{at:.3f}"})
        _cut(self.messages, most=KEEPS)
        return at


def _cut(kept: list[Any], *, most: int) -> None:
    """Now and then, so that not every message moves all the others."""
    if len(kept) >= most + 1000:
        del kept[:-most]
