"""Joins the people to Django's own signing in and out."""

from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in, user_logged_out


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from accounts import receivers  # noqa: PLC0415  models exist only now

        user_logged_in.connect(receivers.on_signed_in, dispatch_uid="accounts-sign-in")
        user_logged_out.connect(receivers.on_signed_out, dispatch_uid="accounts-sign-out")
