"""What every way out of the building has in common: one try, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Protocol

from prompts.states import Outcome
from prompts.words import Message

# Characters that are kept of a provider's id, and of a code.
LONGEST_ID, LONGEST_CODE = 64, 32


@dataclass(frozen=True, slots=True)
class Sending:
    """What became of one message: the outcome, the provider's id or error code, and when to come back if it said so.

    `is_unwell`: it was the provider itself that was busy, slow or away, whatever the address.
    """

    outcome: Outcome
    provider_id: str = ""
    code: str = ""
    retry_after: timedelta | None = None
    is_unwell: bool = field(default=False, compare=False)


class Way(Protocol):
    """One provider. `send` may be called from many threads at once, and never raises for what a network may do.

    `key` names the try in reports that come later; after `lasts` nobody wants it to arrive any more. A provider that
    knows neither takes no notice.
    """

    def send(self, *, to: str, message: Message, key: str = "", lasts: timedelta | None = None) -> Sending: ...

    def close(self) -> None: ...


def plain(told: object, longest: int) -> str:
    """What somebody outside wrote, as a database can keep it: no NUL, no half of a character, and no more than so many. ""
    for what is no words and no number."""
    words = str(told) if isinstance(told, (str, int)) and not isinstance(told, bool) else ""
    return words.replace("\0", "").encode("utf-8", "replace").decode()[:longest]


def read_retry_after(headers: Mapping[str, str]) -> timedelta | None:
    """In how long a provider wants to be asked again, an hour at most; None where it says neither seconds nor a moment.

    A moment (RFC 9110, 10.2.3) is by its own clock, which dates the answer.
    """
    value = headers.get("retry-after", "")
    if value.isascii() and value.isdigit():
        return timedelta(seconds=min(int(value), 3600)) if len(value) < 6 else None
    now, moment = _read_date(headers.get("date", "")), _read_date(value)
    return min(max(moment - now, timedelta(0)), timedelta(hours=1)) if now and moment else None


def _read_date(value: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(value[:64])
    except (ValueError, OverflowError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
