"""Joins check-ins to what is asked of them."""

from django.apps import AppConfig

from accounts.signals import copy_wanted


class CheckinConfig(AppConfig):
    name = "checkin"

    def ready(self) -> None:
        from checkin import receivers  # noqa: PLC0415  models exist only now

        copy_wanted.connect(receivers.on_copy_wanted, dispatch_uid="checkin-copy")
