"""Joins the clinic's own rows to a patient's copy."""

from django.apps import AppConfig

from accounts.signals import copy_wanted


class ClinicConfig(AppConfig):
    name = "clinic"

    def ready(self) -> None:
        from clinic import receivers  # noqa: PLC0415  models exist only now

        copy_wanted.connect(receivers.on_copy_wanted, dispatch_uid="clinic-copy")
