"""Checks and guards that start with the project."""

from django.apps import AppConfig
from django.conf import settings
from django.db.backends.signals import connection_created

from aftercare.tenancy import guard_connection


class AftercareConfig(AppConfig):
    name = "aftercare"

    def ready(self) -> None:
        if settings.DEBUG or settings.DEMO or settings.TESTING:
            connection_created.connect(guard_connection, dispatch_uid="tenant-guard")
