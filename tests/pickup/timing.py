"""`python -m tests.pickup.timing`: how long an escort's link takes that opens nothing. See tests/link_timing.py."""

from __future__ import annotations

import sys

from tests.link_timing import run

if __name__ == "__main__":
    sys.exit(run("python -m tests.pickup.timing", ended="tests.pickup.ended.ended_paths", page="/pickup/"))
