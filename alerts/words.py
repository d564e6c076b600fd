"""What a page says, and what a text to us is answered with. Nothing of the person or of health is in it. Plain Python."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from zoneinfo import ZoneInfo

from accounts.hours import minute_words
from alerts.watch import Trouble

LONGEST_TEXT = 160
# Room for the longest sender name and the colon and space behind it.
_SENDER = 26
NO_SUCH_CODE = "No open alert has this code."


def page_text(*, code: str, board: str) -> str:
    """As a text of at most 160 characters, the sender's name before it included. `board` is the address of the alerts."""
    full = f"Somebody needs you now. Open {board} or reply {code} to take it."
    return full if len(full) + _SENDER <= LONGEST_TEXT else f"Somebody needs you now. Reply {code} to take it."


def page_call(*, code: str) -> str:
    """As a call, with the code letter by letter."""
    letters = ", ".join(code)
    return (
        f"Somebody needs you now. To take it, open your alerts, or reply to the text with {letters}. Again: {letters}."
    )


def have_it(board: str) -> str:
    return f"You have it. Open {board} now."


def taken_by(who: str, at: datetime, zone: ZoneInfo) -> str:
    return f"{who} took it at {minute_words(at, zone)}."


_TROUBLES = {
    Trouble.NO_DATABASE: "The database does not answer.",
    Trouble.NO_BEAT: "No sender is running.",
    Trouble.WAITS: "A page is due for too long.",
    Trouble.UNTOLD: "A page reached nobody.",
    Trouble.OVERDUE: "A message is overdue.",
}
ALL_WELL = "Aftercare: all goes out again."
UNHEARD = "Aftercare: texts to us are refused, no STOP is heard. Check SMS_AUTH_TOKEN and PUBLIC_URL."


def watchdog_text(troubles: Collection[Trouble]) -> str:
    """For the platform's own people on call."""
    what = "messages" if set(troubles) == {Trouble.OVERDUE} else "alerts"
    return " ".join([f"Aftercare: {what} may not go out.", *(_TROUBLES[trouble] for trouble in troubles)])
