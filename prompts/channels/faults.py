"""A provider with bad days, the same ones for the same seed: for trying out what the senders promise."""

from __future__ import annotations

import hashlib
from typing import Any

# Of a hundred requests, so many end like this; told as the stand-in is told by hand. The rest goes well.
FAULTS: tuple[tuple[int, dict[str, Any]], ...] = (
    (5, {"status": 500}),
    (3, {"status": 429, "retry_after": 1}),
    (1, {"status": 503, "hang": 6}),
    (3, {"hang": 12}),  # it takes the message; nobody waits as long for the answer
)


def fault(seed: int, key: str, request: int) -> dict[str, Any]:
    """How the request numbered `request` (the first is 1) for this key ends; {} when it goes well.

    It hangs on nothing else, so that threads which race each other meet the same faults in every run.
    """
    digest = hashlib.sha256(f"{seed} {request} {key}".encode()).digest()
    drawn = int.from_bytes(digest[:8], "big") % 100
    for share, told in FAULTS:
        if drawn < share:
            return told
        drawn -= share
    return {}
