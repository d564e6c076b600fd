"""What patients write by the pages is in no dump, WAL, Valkey, log, message or staff page.

`python -m tests.journal.canaries` does it with a thousand phrases.
"""

from __future__ import annotations

from tests.journal.canaries import holds, run
from tests.journal.canary_pages import WAYS

EACH_WAY, STUMBLES, STAFF_PAGES = 3, 1, 12


def test_private_words_are_found_nowhere_that_anybody_else_looks() -> None:
    found = run(EACH_WAY * len(WAYS), stumbles=STUMBLES, most_pages=STAFF_PAGES)
    assert holds(found), found
