"""The ways out of the building as the settings have them, and what holds for each of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import cache

from django.conf import settings
from django.db import connection
from django.urls import reverse

from accounts.states import ChannelKind
from prompts.channels.email import EmailChannel, SmtpServer
from prompts.channels.push import PushChannel, new_key, public_key_of
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


def notices() -> PushChannel:
    return PushChannel(
        key=settings.PUSH_KEY,
        subject=settings.PUSH_SUBJECT,
        hosts=push_hosts(),
        home=f"{settings.PUBLIC_URL}/",
        stand_in=push_stand_in(),
    )


WAYS: Mapping[str, Callable[[], Way]] = {
    ChannelKind.SMS.value: texts,
    ChannelKind.EMAIL.value: emails,
    ChannelKind.PUSH.value: notices,
}


def has_push() -> bool:
    """Whether notices on a phone are offered at all."""
    return bool(settings.PUSH_KEY)


def push_hosts() -> Collection[str]:
    return tuple(settings.PUSH_HOSTS)


def push_stand_in() -> str:
    """The origin of a push service on this machine; "" where real people are: it would be a way in."""
    return "" if settings.IS_HTTPS else str(settings.PUSH_STAND_IN)


def push_public_key() -> str:
    """What a browser subscribes with: base64url of 65 bytes; "" where notices are not offered."""
    return _public_key(settings.PUSH_KEY) if has_push() else ""


def new_push_key() -> str:
    """For PUSH_KEY."""
    return new_key()


@cache
def _public_key(key: str) -> str:
    return public_key_of(key)


def has_provider(kind: str) -> bool:
    """Whether the settings name somebody who takes messages of this kind."""
    providers = {
        ChannelKind.SMS.value: settings.SMS_BASE_URL,
        ChannelKind.EMAIL.value: settings.EMAIL_SERVER,
        ChannelKind.PUSH.value: has_push(),
    }
    return bool(providers.get(kind))


def refuse_inside_transaction() -> None:
    """Raises RuntimeError. A provider may take ten seconds, and a rollback calls no message back."""
    if connection.in_atomic_block:
        raise RuntimeError("A message may not leave while a transaction is open.")


def _reports_url() -> str:
    """Where reports come; "" where a provider of the world can't reach us: it refuses a message with such an address."""
    is_reachable = settings.PUBLIC_URL.startswith("https://") or settings.SMS_BASE_URL.startswith("http://")
    return settings.PUBLIC_URL + reverse("prompts:reports") if is_reachable else ""
