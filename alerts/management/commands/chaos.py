"""`manage.py chaos --n 1000 --seed 1`: kills parts of an app that it starts itself, and checks that no red flag was lost.

The harness lives with the tests (docs/decisions/0015): this is its door.
"""

from __future__ import annotations

import subprocess
import sys

from django.conf import settings
from django.core.management.base import BaseCommand

MODULE = "tests.chaos"


class Command(BaseCommand):
    """Hands its arguments on as they are, and ends as the run ended."""

    help = __doc__

    def run_from_argv(self, argv: list[str]) -> None:
        """In place of Django's own reading of arguments: they are the harness's."""
        if not (settings.BASE_DIR / "tests" / "chaos").is_dir():
            sys.stderr.write(
                "There is no tests folder here: run chaos from a checkout of the project, not from an install.\n"
            )
            sys.exit(2)
        command = [sys.executable, "-m", MODULE, *argv[2:]]
        sys.exit(subprocess.run(command, cwd=settings.BASE_DIR, check=False).returncode)  # noqa: S603  our own module
