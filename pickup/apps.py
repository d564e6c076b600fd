"""Joins escorts' links to the visits that they are for."""

from django.apps import AppConfig

from accounts.signals import copy_wanted
from timeline.signals import hour_zero_set, treatment_stopped


class PickupConfig(AppConfig):
    name = "pickup"

    def ready(self) -> None:
        from pickup import receivers  # noqa: PLC0415  models exist only now

        hour_zero_set.connect(receivers.on_hour_zero_set, dispatch_uid="pickup-hour-zero")
        treatment_stopped.connect(receivers.on_treatment_stopped, dispatch_uid="pickup-stopped")
        copy_wanted.connect(receivers.on_copy_wanted, dispatch_uid="pickup-copy")
