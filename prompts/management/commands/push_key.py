"""`manage.py push_key`: prints a new key for PUSH_KEY. Phones that said yes under another key have to say it again."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from prompts.services import new_push_key


class Command(BaseCommand):
    """It is kept nowhere: set it, and keep it as long as phones take notices."""

    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(new_push_key())
