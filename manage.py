#!/usr/bin/env python
"""Django's command line."""

import os
import secrets
import sys

from django.core.management import execute_from_command_line

# They start servers of their own, with keys of their own (decision 15).
HARNESSES = {"bench", "chaos"}

if __name__ == "__main__":
    if HARNESSES.intersection(sys.argv[1:2]):
        os.environ.setdefault("SECRET_KEY", secrets.token_urlsafe(48))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aftercare.settings")
    execute_from_command_line(sys.argv)
