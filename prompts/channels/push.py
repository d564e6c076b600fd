"""Notices on a phone by web push: RFC 8030, sealed for one browser (RFC 8291), signed as ours (RFC 8292)."""

from __future__ import annotations

import json
import time
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

import httpx
from py_vapid import Vapid02

from prompts.channels.aes128gcm import read_keys, seal, write_base64url
from prompts.channels.sending import Sending, read_retry_after
from prompts.endpoints import read_endpoint
from prompts.states import Outcome
from prompts.words import Message

TIMEOUT = httpx.Timeout(10.0, connect=5.0)
# How long a push service keeps a notice for a phone that is off, where nobody says.
LASTS = timedelta(minutes=30)
# The push service knows this browser no more.
GONE = "gone"
# The push service took nothing: it is safe to ask again.
_BUSY = frozenset({429, 503})
_GONE = frozenset({404, 410})
# Our signature, for a push service that keeps a notice for a while; at most 24 hours may it hold.
_SIGNED_FOR = timedelta(hours=12)
# Each message of ours is as long as any other.
_PADS_TO = 1024
# What a browser calls its own kind of a declarative notice (WebKit, iOS 18.4).
_DECLARATIVE = 8030
_NOBODY = "A note for you"


@dataclass(frozen=True, slots=True)
class PushAddress:
    """Where a push goes, in the one string that a letter has: the endpoint and the browser's two keys, spaces between."""

    endpoint: str
    public_key: str
    auth_secret: str

    def __str__(self) -> str:
        return f"{self.endpoint} {self.public_key} {self.auth_secret}"

    @classmethod
    def read(cls, text: str) -> PushAddress:
        """Raises ValueError for what str() did not make."""
        endpoint, public_key, auth_secret = text.split(" ")
        return cls(endpoint, public_key, auth_secret)


class PushChannel:
    """Sends notices under one key of ours. Safe to share between threads.

    `key` is the private one, base64url of 32 bytes; `subject` is whom a push service may write to, like
    mailto:help@example.org; `hosts` and `stand_in` say which endpoints it may call at all (prompts/endpoints.py). A notice
    without a link opens `home`.
    """

    def __init__(self, *, key: str, subject: str, hosts: Collection[str], home: str, stand_in: str = "") -> None:
        self._vapid, self._subject = Vapid02.from_raw(key.encode()), subject
        self._hosts, self._stand_in, self._home = hosts, stand_in, home
        # It goes where the list allows, and nowhere that an answer from there names.
        self._client = httpx.Client(timeout=TIMEOUT, follow_redirects=False)

    def send(self, *, to: str, message: Message, key: str = "", lasts: timedelta | None = None) -> Sending:
        """One try. Never raises for what a network or a push service may do. After `lasts` it comes no more. No push service
        reports, so that `key` names nothing to it."""
        try:
            address = PushAddress.read(to)
            read_endpoint(address.endpoint, hosts=self._hosts, stand_in=self._stand_in)
            keys = read_keys(address.public_key, address.auth_secret)
            body = seal(notice(message, home=self._home), keys, pads_to=_PADS_TO)
            response = self._client.post(
                address.endpoint, content=body, headers=self._headers(address, LASTS if lasts is None else lasts)
            )
        except (ValueError, httpx.InvalidURL):
            return Sending(Outcome.REFUSED, code="bad address")
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol):
            return Sending(Outcome.NOT_ACCEPTED, code="no connection", is_unwell=True)
        except httpx.HTTPError as error:
            return Sending(Outcome.AMBIGUOUS, code=type(error).__name__, is_unwell=True)
        return _read_answer(response)

    def close(self) -> None:
        self._client.close()

    def _headers(self, address: PushAddress, lasts: timedelta) -> dict[str, str]:
        parts = urlsplit(address.endpoint)
        claims = {
            "aud": f"{parts.scheme}://{parts.netloc.lower().removesuffix(':443')}",
            "sub": self._subject,
            "exp": int(time.time() + _SIGNED_FOR.total_seconds()),
        }
        return {
            "TTL": str(max(0, int(lasts.total_seconds()))),
            "Urgency": "normal",
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            **self._vapid.sign(claims),
        }


def notice(message: Message, *, home: str) -> bytes:
    """What the browser reads: iOS shows it by itself, and our worker shows the same elsewhere. No more than a text says."""
    shown = {
        "title": message.sender_name or _NOBODY,
        "body": message.notice,
        "navigate": message.link or home,
        "tag": message.link or home,
        "lang": "en",
    }
    return json.dumps({"web_push": _DECLARATIVE, "notification": shown}, ensure_ascii=False).encode()


def public_key_of(key: str) -> str:
    """What a browser subscribes with, for our private `key`: base64url of 65 bytes. Raises ValueError."""
    numbers = Vapid02.from_raw(key.encode()).public_key.public_numbers()
    return write_base64url(b"\x04" + numbers.x.to_bytes(32, "big") + numbers.y.to_bytes(32, "big"))


def new_key() -> str:
    """A private key of ours: base64url of 32 bytes."""
    vapid = Vapid02()
    vapid.generate_keys()
    return write_base64url(vapid.private_key.private_numbers().private_value.to_bytes(32, "big"))


def _read_answer(response: httpx.Response) -> Sending:
    status = response.status_code
    code = str(status)
    if status < 300:
        return Sending(Outcome.ACCEPTED)
    if status in _GONE:
        return Sending(Outcome.REFUSED, code=GONE)
    if status in _BUSY:
        return Sending(Outcome.NOT_ACCEPTED, code=code, retry_after=read_retry_after(response.headers), is_unwell=True)
    is_unclear = status >= 500 or status == 408
    return Sending(Outcome.AMBIGUOUS if is_unclear else Outcome.REFUSED, code=code, is_unwell=is_unclear)
