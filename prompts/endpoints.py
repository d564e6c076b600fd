"""Which addresses a browser's push service may have: the server will call them, so nobody may name one of ours. No Django."""

from __future__ import annotations

import re
from collections.abc import Collection
from urllib.parse import urlsplit

LONGEST = 1000
# Nothing that one reader of addresses may take for another name than the next one does.
_NAME = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+", re.ASCII)


class EndpointRefused(ValueError):
    """No address of a push service that we know."""


def read_endpoint(text: str, *, hosts: Collection[str], stand_in: str = "") -> str:
    """The address as it is, when we may call it. Raises EndpointRefused.

    `hosts` are names, or "*.name" for all below a name. `stand_in` is the origin of a push service on this very machine,
    "" where there is none: it alone may be no https and have a port.
    """
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise EndpointRefused("no address") from None
    if not text.isascii() or not text.isprintable() or " " in text or len(text) > LONGEST:
        raise EndpointRefused("no address")
    if stand_in and f"{parts.scheme}://{parts.netloc}" == stand_in:
        return text
    is_known = any(_matches(parts.hostname or "", host) for host in hosts)
    if parts.scheme != "https" or port not in {None, 443} or "@" in parts.netloc or "\\" in text or not is_known:
        raise EndpointRefused("no push service that we know")
    return text


def _matches(name: str, host: str) -> bool:
    if not _NAME.fullmatch(name):
        return False
    return name.endswith(host[1:]) if host.startswith("*.") else name == host
