"""Text messages by Twilio's REST interface. The base address is a setting, so a stand-in can speak for it."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlencode

import httpx

from prompts.channels.sending import LONGEST_CODE, LONGEST_ID, Sending, plain, read_retry_after
from prompts.states import Outcome
from prompts.words import Message

TIMEOUT = httpx.Timeout(10.0, connect=5.0)
# A question may be asked again: nothing is lost with its answer.
LOOK_UP_TIMEOUT = httpx.Timeout(5.0)
# The provider took nothing: it is safe to ask again.
_BUSY = frozenset({429, 503})
# Seconds that the provider keeps a text at most.
_LONGEST_VALIDITY = 14_400
# Texts to one number that a look-up reads.
_LOOKS_AT = 50
# An earlier request with the same key may be on its way still.
_UNCLEAR = frozenset({408, 409})


@dataclass(frozen=True, slots=True)
class Found:
    """A text that the provider has: its id, words, when it was made, its state in the provider's own word, and its code."""

    provider_id: str
    body: str
    made_at: datetime
    status: str
    code: str


class Account:
    """One account at the provider, one number to send from. Safe to share between threads.

    `reports_url` is where the provider says later what became of a message that had a key; "" for no reports.
    """

    def __init__(self, *, base_url: str, account: str, secret: str, sender: str, reports_url: str = "") -> None:
        self._sender, self._reports_url = sender, reports_url
        self._path = f"/2010-04-01/Accounts/{account}"
        self._client = httpx.Client(base_url=base_url, auth=(account, secret), timeout=TIMEOUT)

    def close(self) -> None:
        self._client.close()

    def _post(self, resource: str, form: Mapping[str, str | Sequence[str]], *, key: str) -> Sending:
        """One try. A provider that honours keys takes a second request with the same one for the first.

        The report's address holds the key too: after a time-out nobody here knows the provider's own id.
        """
        if key and self._reports_url:
            form = {**form, "StatusCallback": f"{self._reports_url}?{urlencode({'key': key})}"}
        headers = {"Idempotency-Key": key} if key else {}
        try:
            response = self._client.post(f"{self._path}/{resource}.json", data=form, headers=headers)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol):
            return Sending(Outcome.NOT_ACCEPTED, code="no connection", is_unwell=True)
        except httpx.HTTPError as error:
            return Sending(Outcome.AMBIGUOUS, code=type(error).__name__, is_unwell=True)
        return _read_answer(response)


class SmsChannel(Account):
    """Texts."""

    def send(self, *, to: str, message: Message, key: str = "", lasts: timedelta | None = None) -> Sending:
        """One try. Never raises for what a network or a provider may do. Two tries with one `key` are one message, where
        the provider honours keys. A text that is still on its way after `lasts` is thrown away."""
        form = {"To": to, "From": self._sender, "Body": message.text}
        if lasts is not None:
            form["ValidityPeriod"] = str(min(max(int(lasts.total_seconds()), 1), _LONGEST_VALIDITY))
        return self._post("Messages", form, key=key)

    def look_up(self, *, to: str, since: datetime) -> list[Found] | None:
        """The newest texts to a number, of the day of `since` (UTC) and later; None when the provider does not say in time."""
        asked = {"To": to, "DateSent>": f"{since.astimezone(UTC):%Y-%m-%d}", "PageSize": str(_LOOKS_AT)}
        try:
            response = self._client.get(f"{self._path}/Messages.json", params=asked, timeout=LOOK_UP_TIMEOUT)
            messages = response.json()["messages"] if response.status_code == 200 else None
        except (httpx.HTTPError, ValueError, RecursionError, KeyError, TypeError):
            return None
        return list(_read_found(messages)) if isinstance(messages, list) else None


def _read_found(messages: Sequence[Any]) -> Iterator[Found]:
    for each in messages:
        try:
            made_at = parsedate_to_datetime(each["date_created"])
            yield Found(
                provider_id=plain(each["sid"], LONGEST_ID),
                body=str(each["body"]),
                made_at=made_at if made_at.tzinfo else made_at.replace(tzinfo=UTC),
                status=str(each["status"]),
                code=plain(each.get("error_code") or "", LONGEST_CODE),
            )
        except (KeyError, TypeError, ValueError, AttributeError):
            continue  # nothing that we could know one of ours by


def _read_answer(response: httpx.Response) -> Sending:
    status = response.status_code
    try:
        body = response.json()
    except (ValueError, RecursionError):
        body = {}
    if not isinstance(body, dict):
        body = {}
    code = plain(body.get("code") or status, LONGEST_CODE)
    if status < 300:
        sid = plain(body.get("sid"), LONGEST_ID)
        return Sending(Outcome.ACCEPTED, provider_id=sid) if sid else Sending(Outcome.AMBIGUOUS, code="no id")
    if status in _BUSY:
        return Sending(Outcome.NOT_ACCEPTED, code=code, retry_after=read_retry_after(response.headers), is_unwell=True)
    is_unclear = status >= 500 or status in _UNCLEAR
    return Sending(Outcome.AMBIGUOUS if is_unclear else Outcome.REFUSED, code=code, is_unwell=is_unclear)


def signature(url: str, form: Mapping[str, str], *, secret: str) -> str:
    """Twilio's signature over an address and a form: base64 of HMAC-SHA1."""
    text = url + "".join(f"{key}{form[key]}" for key in sorted(form))
    return base64.b64encode(hmac.new(secret.encode(), text.encode(), hashlib.sha1).digest()).decode()


def is_signed(url: str, form: Mapping[str, str], *, secret: str, signed: str) -> bool:
    return bool(secret) and hmac.compare_digest(signature(url, form, secret=secret).encode(), signed.encode())
