"""Joins the people to Django's and django-allauth's own signing in and out, and to the copy of what is kept of them."""

from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed

from accounts.signals import copy_wanted


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from allauth.mfa.signals import authentication_failed, authenticator_used  # noqa: PLC0415  models exist only now

        from accounts import checks, receivers  # noqa: F401, PLC0415  likewise; checks register themselves

        user_logged_in.connect(receivers.on_signed_in, dispatch_uid="accounts-sign-in")
        user_logged_out.connect(receivers.on_signed_out, dispatch_uid="accounts-sign-out")
        user_login_failed.connect(receivers.on_sign_in_refused, dispatch_uid="accounts-sign-in-refused")
        authentication_failed.connect(receivers.on_second_step_refused, dispatch_uid="accounts-second-step-refused")
        authenticator_used.connect(receivers.on_second_step_used, dispatch_uid="accounts-second-step-used")
        copy_wanted.connect(receivers.on_copy_wanted, dispatch_uid="accounts-copy")
