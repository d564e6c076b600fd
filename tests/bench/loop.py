"""`python -m tests.bench.loop`: `manage.py deliver_due --loop`, whose texts end as lines in a file."""

from __future__ import annotations

import os
import sys

import django
from django.core.management import call_command
from django.utils.module_loading import import_string


def main() -> int:
    os.environ["DJANGO_SETTINGS_MODULE"] = "aftercare.settings"
    django.setup()
    import_string("tests.bench.way.record_texts")()
    call_command("deliver_due", "--loop")
    return 0


if __name__ == "__main__":
    sys.exit(main())
