"""A stand-in for a mail server, on loopback: keeps what it was sent beside the texts, and can be told to fail.

What it is told is one entry for one e-mail: {"code": 450, "when": "rcpt"} (or "mail", "data"), {"hang": 3} seconds before it
answers a letter that it took, {"drop": true} to take a letter and be gone.
"""

from __future__ import annotations

import asyncio
from typing import Any, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from prompts.channels.faults import MAIL_FAULTS, Shares, fault
from prompts.channels.inbox import Inbox

OK = "250 OK"


class MailStandIn(Controller):
    """A server on 127.0.0.1 and a thread of its own; call start() and stop()."""

    def __init__(self, inbox: Inbox, *, port: int, faults: int | None = None, shares: Shares = MAIL_FAULTS) -> None:
        super().__init__(Handler(inbox, faults=faults, shares=shares), hostname="127.0.0.1", port=port)


class Handler:
    """Answers one e-mail as it was told to, else as the seed `faults` has it, and keeps what it took."""

    def __init__(self, inbox: Inbox, *, faults: int | None = None, shares: Shares = MAIL_FAULTS) -> None:
        self._inbox, self._faults, self._shares = inbox, faults, shares
        self._talks = 0
        self._told: dict[Session, dict[str, Any]] = {}

    async def handle_MAIL(  # noqa: N802  aiosmtpd looks for these names
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self._talks += 1
        told = self._inbox.next_mail_answer()
        if not told and self._faults is not None:
            told = fault(self._faults, "mail", self._talks, self._shares)
        self._told[session] = told
        envelope.mail_from = address
        return self._answer(session, "mail")

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.rcpt_tos.append(address)
        return self._answer(session, "rcpt")

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        answer, told = self._answer(session, "data"), self._told.pop(session)
        if answer == OK:
            self._inbox.accept_mail(envelope.rcpt_tos[0], bytes(cast(bytes, envelope.content)))
        await asyncio.sleep(float(told.get("hang", 0)))
        if told.get("drop") and server.transport:
            server.transport.close()
        return answer

    def _answer(self, session: Session, when: str) -> str:
        told = self._told.get(session, {})
        return f"{told['code']} told to fail" if told.get("when") == when else OK
