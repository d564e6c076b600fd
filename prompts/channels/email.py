"""E-mails by SMTP. The server is a setting, so a stand-in can speak for it."""

from __future__ import annotations

import re
import smtplib
import time
import uuid
from dataclasses import asdict, dataclass
from datetime import timedelta
from email.generator import BytesGenerator
from email.utils import formataddr, parseaddr
from io import BytesIO
from typing import Any

from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.smtp import EmailBackend
from django.template.loader import render_to_string

from accounts.emails import read_email
from prompts.channels.sending import Sending
from prompts.states import Outcome
from prompts.words import Message

# For each word of the talk with the server; and no word begins later: a server that is slow at each word has many.
TIMEOUT_SECONDS, TALK_SECONDS = 10, 30
# Some mail programs read no stop link that was folded to a second line; a line may have so many characters.
_UNFOLDED = 998
# What a server says in figures beside its three: RFC 3463.
_ENHANCED = re.compile(rb"[245]\.\d{1,3}\.\d{1,3}(?!\S)")
# The mailbox is full: it stays so for longer than any window of ours.
_FULL = frozenset({"4.2.2", "5.2.2"})
_BACKEND = "prompts.channels.email.Backend"


class _Hurried(smtplib.SMTP):
    """Raises TimeoutError once the talk has lasted too long, whatever is said next."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._ends_at = time.monotonic() + TALK_SECONDS
        super().__init__(*args, **kwargs)

    def send(self, s: Any) -> None:
        self._hurry()
        super().send(s)

    def getreply(self) -> tuple[int, bytes]:
        self._hurry()
        return super().getreply()

    def _hurry(self) -> None:
        left = self._ends_at - time.monotonic()
        if left <= 0:
            self.close()
            raise TimeoutError("The talk with the mail server lasted too long.")
        if self.sock:
            self.sock.settimeout(min(TIMEOUT_SECONDS, left))


class _HurriedTLS(_Hurried, smtplib.SMTP_SSL):
    """The same, with TLS from the first byte."""


class Backend(EmailBackend):
    """Django's own, whose talks end."""

    @property
    def connection_class(self) -> type[_Hurried]:
        return _HurriedTLS if self.use_ssl else _Hurried


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """Where e-mails go. `use_ssl` is TLS from the first byte; `use_tls` asks for it with STARTTLS."""

    host: str
    port: int
    username: str = ""
    password: str = ""
    use_tls: bool = False
    use_ssl: bool = False


class EmailChannel:
    """Sends from one address. Safe to share between threads: each try has a connection of its own.

    A connection that breaks leaves only its own message unclear.
    """

    def __init__(self, server: SmtpServer, *, sender: str) -> None:
        self._server = server
        _, self._sender = parseaddr(sender)

    def send(self, *, to: str, message: Message, key: str = "", lasts: timedelta | None = None) -> Sending:
        """One try. Never raises for what a network or a provider may do. No mail server knows keys, or forgets letters."""
        message_id = uuid.uuid4().hex
        try:
            letter = self._written(message, to=to, message_id=message_id)
        except (ValueError, ValidationError):
            return Sending(Outcome.REFUSED, code="bad address")
        backend = get_connection(_BACKEND, **asdict(self._server), timeout=TIMEOUT_SECONDS)
        try:
            backend.open()
            return _talk(backend.connection, letter, sender=self._sender, to=to, message_id=message_id)
        except OSError as error:  # smtplib's own errors are OSErrors too
            return _before_data(error)
        finally:
            _hang_up(backend)

    def close(self) -> None:
        """Nothing: no connection outlives its message."""

    def _written(self, message: Message, *, to: str, message_id: str) -> bytes:
        """The whole letter. Raises ValidationError or ValueError for what would break out of its header."""
        domain = self._sender.rpartition("@")[2]
        letter = EmailMultiAlternatives(
            subject=message.subject,
            body=message.letter,
            from_email=formataddr((message.sender_name, self._sender)),
            to=[read_email(to)],
            headers={
                "Message-ID": f"<{message_id}@{domain}>",
                "List-Unsubscribe": f"<{message.stop_link}>",
                "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
                "Auto-Submitted": "auto-generated",
            },
        )
        letter.attach_alternative(render_to_string("prompts/email.html", {"message": message}), "text/html")
        written = BytesIO()
        BytesGenerator(written, mangle_from_=False, maxheaderlen=_UNFOLDED).flatten(letter.message(), linesep="\r\n")
        return written.getvalue()


def _talk(smtp: smtplib.SMTP, letter: bytes, *, sender: str, to: str, message_id: str) -> Sending:
    """Hands the letter over. Until its last byte is on the way nothing was taken; after it, only an answer tells."""
    smtp.ehlo_or_helo_if_needed()
    for ask, address in ((smtp.mail, sender), (smtp.rcpt, to)):
        code, words = ask(address)
        if not 200 <= code < 300:
            return _refusal(code, words)
    try:
        code, words = smtp.data(letter)
    except smtplib.SMTPDataError as error:  # it did not want to hear the letter
        return _refusal(error.smtp_code, error.smtp_error)
    except OSError as error:
        return Sending(Outcome.AMBIGUOUS, code=type(error).__name__, is_unwell=True)
    if 200 <= code < 300:
        return Sending(Outcome.ACCEPTED, provider_id=message_id)
    return _refusal(code, words) if code >= 400 else Sending(Outcome.AMBIGUOUS, code=str(code))


def _before_data(error: OSError) -> Sending:
    """The talk broke off before the letter left: it was certainly not taken."""
    if isinstance(error, smtplib.SMTPResponseException):
        return _refusal(error.smtp_code, error.smtp_error)
    return Sending(Outcome.NOT_ACCEPTED, code="no connection", is_unwell=True)


def _refusal(code: int, words: bytes | str) -> Sending:
    """5xx is for good, as is a full mailbox; anything else, 421 and 450 among it, may be asked again."""
    found = _ENHANCED.match(words.encode() if isinstance(words, str) else words)
    enhanced = found[0].decode() if found else ""
    is_refused = 500 <= code < 600 or enhanced in _FULL
    told = f"{code} {enhanced}".strip()
    return Sending(Outcome.REFUSED if is_refused else Outcome.NOT_ACCEPTED, code=told, is_unwell=code == 421)


def _hang_up(backend: EmailBackend) -> None:
    try:
        backend.close()
    except OSError:
        return  # what became of the letter is known already
