"""The ways out of the building as the settings have them, and what holds for each of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.conf import settings
from django.db import connection
from django.urls import reverse

from accounts.states import ChannelKind
from prompts.channels.email import EmailChannel, SmtpServer
from prompts.channels.sending import Way
from prompts.channels.sms import SmsChannel
from prompts.channels.voice import VoiceChannel


def texts() -> SmsChannel:
    return SmsChannel(
        base_url=settings.SMS_BASE_URL,
        account=settings.SMS_ACCOUNT_SID,
        secret=settings.SMS_AUTH_TOKEN,
        sender=settings.SMS_FROM,
        reports_url=_reports_url(),
    )


def calls() -> VoiceChannel:
    return VoiceChannel(
        base_url=settings.SMS_BASE_URL,
        account=settings.SMS_ACCOUNT_SID,
        secret=settings.SMS_AUTH_TOKEN,
        sender=settings.VOICE_FROM,
        reports_url=_reports_url(),
    )


def emails() -> EmailChannel:
    return EmailChannel(SmtpServer(**settings.EMAIL_SERVER), sender=settings.EMAIL_FROM)


WAYS: Mapping[str, Callable[[], Way]] = {ChannelKind.SMS.value: texts, ChannelKind.EMAIL.value: emails}


def has_provider(kind: str) -> bool:
    """Whether the settings name somebody who takes messages of this kind."""
    return bool(
        {ChannelKind.SMS.value: settings.SMS_BASE_URL, ChannelKind.EMAIL.value: settings.EMAIL_SERVER}.get(kind)
    )


def refuse_inside_transaction() -> None:
    """Raises RuntimeError. A provider may take ten seconds, and a rollback calls no message back."""
    if connection.in_atomic_block:
        raise RuntimeError("A message may not leave while a transaction is open.")


def _reports_url() -> str:
    """Where reports come; "" where a provider of the world can't reach us: it refuses a message with such an address."""
    is_reachable = settings.PUBLIC_URL.startswith("https://") or settings.SMS_BASE_URL.startswith("http://")
    return settings.PUBLIC_URL + reverse("prompts:reports") if is_reachable else ""
