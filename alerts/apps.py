"""Joins alerts to what comes back from the provider."""

from django.apps import AppConfig

from prompts.signals import delivery_reported, text_arrived


class AlertsConfig(AppConfig):
    name = "alerts"

    def ready(self) -> None:
        from alerts import receivers  # noqa: PLC0415  models exist only now

        text_arrived.connect(receivers.on_text_arrived, dispatch_uid="alerts-text")
        delivery_reported.connect(receivers.on_delivery_reported, dispatch_uid="alerts-report")
