"""`python -m tests.journal.decoded`: what the sessions of the database hold, in plain words."""

from __future__ import annotations

import json
import os
import sys

import django
from django.utils.module_loading import import_string


def main() -> int:
    os.environ["DJANGO_SETTINGS_MODULE"] = "aftercare.settings"
    django.setup()
    session = import_string("django.contrib.sessions.models.Session")  # by name: models exist only now
    store = import_string("aftercare.sessions.SessionStore")
    for row in session.objects.all():
        print(json.dumps(store().decode(row.session_data), default=str, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
