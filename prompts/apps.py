"""Joins prompts to the apps below."""

from django.apps import AppConfig

from accounts.signals import (
    address_stopped,
    app_consent_changed,
    channel_started,
    channel_stopped,
    copy_wanted,
    message_wanted,
    phone_replaced,
)
from timeline.signals import hour_zero_set, messages_foreseen, reminder_wanted, step_done, treatment_stopped


class PromptsConfig(AppConfig):
    name = "prompts"

    def ready(self) -> None:
        from prompts import checks, receivers  # noqa: F401, PLC0415  models exist only now; checks register themselves

        hour_zero_set.connect(receivers.on_hour_zero_set, dispatch_uid="prompts-plan")
        treatment_stopped.connect(receivers.on_treatment_stopped, dispatch_uid="prompts-stop")
        step_done.connect(receivers.on_step_done, dispatch_uid="prompts-step-done")
        messages_foreseen.connect(receivers.on_messages_foreseen, dispatch_uid="prompts-foreseen")
        reminder_wanted.connect(receivers.on_reminder_wanted, dispatch_uid="prompts-reminder")
        channel_stopped.connect(receivers.on_channel_stopped, dispatch_uid="prompts-stopped")
        address_stopped.connect(receivers.on_address_stopped, dispatch_uid="prompts-address-stopped")
        channel_started.connect(receivers.on_channel_started, dispatch_uid="prompts-started")
        app_consent_changed.connect(receivers.on_app_consent_changed, dispatch_uid="prompts-consent")
        phone_replaced.connect(receivers.on_phone_replaced, dispatch_uid="prompts-phone")
        message_wanted.connect(receivers.on_message_wanted, dispatch_uid="prompts-wanted")
        copy_wanted.connect(receivers.on_copy_wanted, dispatch_uid="prompts-copy")
