"""`manage.py prepare`: roles, tables, static files and, in demo mode, the demo. One process, so that `make run` is quick."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    """The same as its four commands one after the other. Changes nothing the second time."""

    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("setup_roles", stdout=self.stdout)
        call_command("migrate", interactive=False, verbosity=0, stdout=self.stdout)
        call_command("collectstatic", interactive=False, verbosity=0, stdout=self.stdout)
        if settings.DEMO:
            call_command("demo_data", stdout=self.stdout)
