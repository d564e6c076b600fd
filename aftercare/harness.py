"""A command that hands everything on to a harness that lives with the tests (docs/decisions/0015)."""

from __future__ import annotations

import subprocess
import sys
from typing import ClassVar

from django.conf import settings
from django.core.management.base import BaseCommand


class HarnessCommand(BaseCommand):
    """Its arguments are the harness's, and it ends as the run ended."""

    module: ClassVar[str]

    def run_from_argv(self, argv: list[str]) -> None:
        """In place of Django's own reading of arguments."""
        name = self.module.rpartition(".")[2]
        if not (settings.BASE_DIR / "tests" / name).is_dir():
            sys.stderr.write(
                f"There is no tests folder here: run {name} from a checkout of the project, not from an install.\n"
            )
            sys.exit(2)
        command = [sys.executable, "-m", self.module, *argv[2:]]
        sys.exit(subprocess.run(command, cwd=settings.BASE_DIR, check=False).returncode)  # noqa: S603  our own module
