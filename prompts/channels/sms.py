"""Text messages by Twilio's REST interface. The base address is a setting, so a stand-in can speak for it."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import timedelta

import httpx

from prompts.channels.sending import Sending
from prompts.states import Outcome
from prompts.words import Message

TIMEOUT = httpx.Timeout(10.0, connect=5.0)
# The provider took nothing: it is safe to ask again.
_BUSY = frozenset({429, 503})


class SmsChannel:
    """Sends to one account. Safe to share between threads."""

    def __init__(self, *, base_url: str, account: str, secret: str, sender: str) -> None:
        self._sender = sender
        self._path = f"/2010-04-01/Accounts/{account}/Messages.json"
        self._client = httpx.Client(base_url=base_url, auth=(account, secret), timeout=TIMEOUT)

    def send(self, *, to: str, message: Message) -> Sending:
        """One try. Never raises for what a network or a provider may do."""
        form = {"To": to, "From": self._sender, "Body": message.text}
        try:
            response = self._client.post(self._path, data=form)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout):
            return Sending(Outcome.NOT_ACCEPTED, code="no connection")
        except httpx.HTTPError as error:
            return Sending(Outcome.AMBIGUOUS, code=type(error).__name__)
        return _read_answer(response)

    def close(self) -> None:
        self._client.close()


def _read_answer(response: httpx.Response) -> Sending:
    status = response.status_code
    try:
        body = response.json()
    except ValueError:
        body = {}
    if not isinstance(body, dict):
        body = {}
    code = str(body.get("code") or status)[:32]
    if status < 300:
        sid = str(body.get("sid") or "")[:64]
        return Sending(Outcome.ACCEPTED, provider_id=sid) if sid else Sending(Outcome.AMBIGUOUS, code="no id")
    if status in _BUSY:
        return Sending(Outcome.NOT_ACCEPTED, code=code, retry_after=_retry_after(response))
    return Sending(Outcome.AMBIGUOUS if status >= 500 else Outcome.REFUSED, code=code)


def _retry_after(response: httpx.Response) -> timedelta | None:
    value = response.headers.get("retry-after", "")
    return timedelta(seconds=min(int(value), 3600)) if value.isascii() and value.isdigit() and len(value) < 6 else None


def signature(url: str, form: Mapping[str, str], *, secret: str) -> str:
    """Twilio's signature over an address and a form: base64 of HMAC-SHA1."""
    text = url + "".join(f"{key}{form[key]}" for key in sorted(form))
    return base64.b64encode(hmac.new(secret.encode(), text.encode(), hashlib.sha1).digest()).decode()


def is_signed(url: str, form: Mapping[str, str], *, secret: str, signed: str) -> bool:
    return bool(secret) and hmac.compare_digest(signature(url, form, secret=secret).encode(), signed.encode())
