"""Joins prompts to the apps below."""

from django.apps import AppConfig

from accounts.signals import channel_stopped
from timeline.signals import hour_zero_set, treatment_stopped


class PromptsConfig(AppConfig):
    name = "prompts"

    def ready(self) -> None:
        from prompts import receivers  # noqa: PLC0415  models exist only now

        hour_zero_set.connect(receivers.on_hour_zero_set, dispatch_uid="prompts-plan")
        treatment_stopped.connect(receivers.on_treatment_stopped, dispatch_uid="prompts-stop")
        channel_stopped.connect(receivers.on_channel_stopped, dispatch_uid="prompts-to-app")
