"""Texts and calls to people on duty. At least once: whoever pages keeps the key, and asks again until somebody took it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from typing import Literal

from django.conf import settings

from prompts.channels.sending import Sending
from prompts.channels.sms import SmsChannel
from prompts.channels.voice import VoiceChannel
from prompts.guests import is_guest
from prompts.services.ways import calls, refuse_inside_transaction, texts
from prompts.states import Outcome
from prompts.words import Message


class Pager:
    """The provider, open. Safe to share between threads."""

    def __init__(self, *, sms: SmsChannel, voice: VoiceChannel, has_provider: bool) -> None:
        self._sms, self._voice, self._has_provider = sms, voice, has_provider

    def page(self, *, kind: Literal["sms", "voice"], to: str, message: Message, key: str) -> Sending:
        """One try, of some ten seconds at most. Never raises for what a network or a provider may do.

        `key` names the notice, the same at each try: a provider that honours it delivers once. Raises RuntimeError when a
        transaction is open on this thread, and ValueError without a key.
        """
        refuse_inside_transaction()
        if not key:
            raise ValueError("A page needs a key, or a second try would be a second page.")
        if not is_guest(to, guests=tuple(settings.SEND_ONLY_TO), country=settings.DEFAULT_COUNTRY):
            return Sending(Outcome.REFUSED, code="not a guest")
        if not self._has_provider:
            return Sending(Outcome.REFUSED, code="no provider")
        channel = self._voice if kind == "voice" else self._sms
        return channel.send(to=to, message=message, key=key)


@dataclass(frozen=True, slots=True)
class Credentials:
    """An account of its own at a provider, for whoever must page when ours is what fails."""

    base_url: str
    account: str
    secret: str
    sender: str


@contextmanager
def pager(credentials: Credentials | None = None) -> Iterator[Pager]:
    """For as long as it is used: connections are kept open between pages. By our account, or by one of its own."""
    sms, voice = (texts(), calls()) if credentials is None else _ways_of(credentials)
    has_provider = bool(credentials.base_url if credentials else settings.SMS_BASE_URL)
    with closing(sms), closing(voice):
        yield Pager(sms=sms, voice=voice, has_provider=has_provider)


def _ways_of(credentials: Credentials) -> tuple[SmsChannel, VoiceChannel]:
    """Without reports: they would come to the web that may be away."""
    return SmsChannel(**asdict(credentials)), VoiceChannel(**asdict(credentials))
