"""`manage.py chaos --n 1000 --seed 1`: kills parts of an app that it starts itself, and checks that no red flag was lost."""

from __future__ import annotations

from aftercare.harness import HarnessCommand


class Command(HarnessCommand):
    """A door."""

    help = __doc__
    module = "tests.chaos"
