"""Joins alerts to what comes back from the provider, and to what a patient asks for."""

from django.apps import AppConfig

from accounts.signals import copy_wanted, deletion_wanted
from prompts.signals import delivery_reported, reply_left, text_arrived


class AlertsConfig(AppConfig):
    name = "alerts"

    def ready(self) -> None:
        from alerts import receivers  # noqa: PLC0415  models exist only now

        text_arrived.connect(receivers.on_text_arrived, dispatch_uid="alerts-text")
        reply_left.connect(receivers.on_reply_left, dispatch_uid="alerts-reply")
        delivery_reported.connect(receivers.on_delivery_reported, dispatch_uid="alerts-report")
        deletion_wanted.connect(receivers.on_deletion_wanted, dispatch_uid="alerts-deletion")
        copy_wanted.connect(receivers.on_copy_wanted, dispatch_uid="alerts-copy")
