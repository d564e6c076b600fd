"""Joins the visits to what is asked of them."""

from django.apps import AppConfig

from accounts.signals import copy_wanted


class TimelineConfig(AppConfig):
    name = "timeline"

    def ready(self) -> None:
        from timeline import receivers  # noqa: PLC0415  models exist only now

        copy_wanted.connect(receivers.on_copy_wanted, dispatch_uid="timeline-copy")
