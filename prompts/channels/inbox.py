"""What the stand-ins of the providers keep: the messages that arrived, and the answers that were asked for."""

from __future__ import annotations

import email
import email.policy
import threading
import time
from email.message import EmailMessage
from typing import Any

KEEPS = 5000


class Inbox:
    """Texts and e-mails as they arrived, newest last. One entry of the answers is used up by one message."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.messages: list[dict[str, str]] = []
        self.letters: list[EmailMessage] = []
        self.answers: list[dict[str, Any]] = []
        self.mail_answers: list[dict[str, Any]] = []
        self._count = 0

    def accept(self, form: dict[str, str]) -> str:
        """A text; returns its id."""
        with self.lock:
            self._count += 1
            sid = f"SM{self._count:032x}"
            self._keep({"sid": sid, "to": form.get("To", ""), "body": form.get("Body", "")})
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
            self.letters = [*self.letters[1 - KEEPS :], letter]

    def next_answer(self) -> dict[str, Any]:
        with self.lock:
            return self.answers.pop(0) if self.answers else {}

    def next_mail_answer(self) -> dict[str, Any]:
        with self.lock:
            return self.mail_answers.pop(0) if self.mail_answers else {}

    def _keep(self, shown: dict[str, str]) -> None:
        self.messages = [*self.messages[1 - KEEPS :], {**shown, "at": f"{time.time():.3f}"}]
