"""A provider with bad days, the same ones for the same seed: for trying out what the senders promise."""

from __future__ import annotations

import hashlib
from typing import Any

# Of a hundred requests, so many end like this; told as the stand-in is told by hand. The rest goes well.
Shares = tuple[tuple[int, dict[str, Any]], ...]
FAULTS: Shares = (
    (5, {"status": 500}),
    (3, {"status": 429, "retry_after": 1}),
    (1, {"status": 503, "hang": 6}),
    (3, {"hang": 12}),  # it takes the message; nobody waits as long for the answer
)
MAIL_FAULTS: Shares = (
    (5, {"code": 450, "when": "rcpt"}),
    (2, {"code": 550, "when": "rcpt"}),
    (3, {"drop": True}),  # it takes the letter and is gone
)


def unclear(share: int) -> tuple[Shares, Shares]:
    """Both kinds, with so many of a hundred taken without an answer."""
    return (*FAULTS[:-1], (share, FAULTS[-1][1])), (*MAIL_FAULTS[:-1], (share, MAIL_FAULTS[-1][1]))


def fault(seed: int, key: str, request: int, shares: Shares = FAULTS) -> dict[str, Any]:
    """How the request numbered `request` (the first is 1) for this key ends; {} when it goes well.

    It hangs on nothing else, so that threads which race each other meet the same faults in every run.
    """
    digest = hashlib.sha256(f"{seed} {request} {key}".encode()).digest()
    drawn = int.from_bytes(digest[:8], "big") % 100
    for share, told in shares:
        if drawn < share:
            return told
        drawn -= share
    return {}
