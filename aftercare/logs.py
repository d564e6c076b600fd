"""Log lines name a page by its route, never by its address: an address may hold a secret."""

from __future__ import annotations

import logging
from typing import Any

NOWHERE = "(no such page)"


class RouteFilter(logging.Filter):
    """Puts the route, like b/<str:secret>/, where Django's line holds the path of a request."""

    def filter(self, record: logging.LogRecord) -> bool:
        request = getattr(record, "request", None)
        if request is not None and isinstance(record.args, tuple):
            record.args = tuple(_route(request) if arg == request.path else arg for arg in record.args)
        return True


def _route(request: Any) -> str:
    match = getattr(request, "resolver_match", None)
    return f"/{match.route}" if match else NOWHERE
