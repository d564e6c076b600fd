"""Answers that take equally long, so that how long one took tells nothing."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

log = logging.getLogger(__name__)


@contextmanager
def no_sooner_than(lasts: timedelta) -> Iterator[None]:
    """Waits until the block has lasted this long, also when it raises. For blocks that are always quicker."""
    ends_at = time.monotonic() + lasts.total_seconds()
    try:
        yield
    finally:
        left = ends_at - time.monotonic()
        if left < 0:
            log.warning("An answer took longer than all are meant to")
        time.sleep(max(0.0, left))
