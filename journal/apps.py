"""Joins the journal to what asks for its end."""

from django.apps import AppConfig

from accounts.signals import patients_forgotten


class JournalConfig(AppConfig):
    name = "journal"

    def ready(self) -> None:
        from journal import receivers  # noqa: PLC0415  models exist only now

        patients_forgotten.connect(receivers.on_patients_forgotten, dispatch_uid="journal-forgotten")
