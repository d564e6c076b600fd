"""`manage.py bench prompts | grows | plan | correct | lateness`: what the engine of prompts costs, beside a plain loop.

It starts servers of its own, and prints one line of JSON (docs/benchmarks/prompts.md).
"""

from __future__ import annotations

from aftercare.harness import HarnessCommand


class Command(HarnessCommand):
    """A door."""

    help = __doc__
    module = "tests.bench"
