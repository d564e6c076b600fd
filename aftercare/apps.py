"""Checks and guards that start with the project."""

import logging
import sys

from django.apps import AppConfig
from django.conf import settings
from django.db.backends.signals import connection_created

from aftercare.logs import log_uncaught
from aftercare.tenancy import guard_connection


class AftercareConfig(AppConfig):
    name = "aftercare"

    def ready(self) -> None:
        logging.captureWarnings(capture=True)
        if not settings.DEBUG and not settings.TESTING:
            sys.excepthook = log_uncaught
        if settings.DEBUG or settings.DEMO or settings.TESTING:
            connection_created.connect(guard_connection, dispatch_uid="tenant-guard")
