"""Joins the journal to what asks for its end."""

from django.apps import AppConfig

from accounts.signals import copy_wanted, patients_forgotten


class JournalConfig(AppConfig):
    name = "journal"

    def ready(self) -> None:
        from journal import checks, receivers  # noqa: F401, PLC0415  models exist only now; checks register themselves

        patients_forgotten.connect(receivers.on_patients_forgotten, dispatch_uid="journal-forgotten")
        copy_wanted.connect(receivers.on_copy_wanted, dispatch_uid="journal-copy")
