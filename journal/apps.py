"""Joins the journal to what asks for its end."""

from django.apps import AppConfig

from accounts.signals import patients_forgotten


class JournalConfig(AppConfig):
    name = "journal"

    def ready(self) -> None:
        from journal import checks, receivers  # noqa: F401, PLC0415  models exist only now; checks register themselves

        patients_forgotten.connect(receivers.on_patients_forgotten, dispatch_uid="journal-forgotten")
