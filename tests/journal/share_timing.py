"""`python -m tests.journal.share_timing`: how long a link to a copy takes that opens nothing. See tests/link_timing.py."""

from __future__ import annotations

import sys

from tests.link_timing import run

if __name__ == "__main__":
    sys.exit(run("python -m tests.journal.share_timing", ended="tests.journal.ended.ended_paths", page="/shared/"))
