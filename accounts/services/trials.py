"""A test message that a patient sends to themselves, and whether it came."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings

from accounts.models import Channel, Patient, Token
from accounts.queries import TEST_ANSWERED, TEST_SENT, last_test
from accounts.services.audit import record
from accounts.services.throttles import throttle, throttle_text
from accounts.signals import message_wanted
from accounts.states import ChannelKind, TokenKind
from accounts.tokens import hash_secret, make_secret

TEST_WAITS, PER_HOUR, ONE_TAP = timedelta(minutes=30), 3, timedelta(seconds=60)
_TOO_MANY_TEXTS = "You got many texts today. Try again tomorrow, or tell your clinic."
_TOO_MANY = "You have sent three tests. Wait an hour, or tell your clinic."


class NoWayOn(Exception):
    """No way out is on, so that nothing can be sent."""


def send_test(patient: Patient, *, by: str = "", at: datetime) -> Channel:
    """One neutral message by the kind of channel `by`, where that is on, else by the first that is (ways_to_test). Inside
    tenant(). A second tap is the first. Raises NoWayOn, TooManyTries.

    The token opens nothing: it is what the message stands for.
    """
    ways = ways_to_test(Channel.objects.filter(patient=patient))
    if not ways:
        raise NoWayOn("Say yes to texts or e-mails first. Then we can send a test.")
    channel = next((way for way in ways if way.kind == by), ways[0])
    Patient.objects.select_for_update(no_key=True).get(pk=patient.pk)  # of two taps at once the second finds it sent
    now = Token.objects.filter(kind=TokenKind.TEST_NOTE, subject=patient.pk, expires_at__gt=at + TEST_WAITS - ONE_TAP)
    last = last_test(patient, at)
    if last and last.channel == channel.kind and now.exists():
        return channel
    throttle("test note", str(patient.pk), at_most=PER_HOUR, within=timedelta(hours=1), words=_TOO_MANY)
    throttle_text(channel, words=_TOO_MANY_TEXTS)
    token = Token.objects.create(
        kind=TokenKind.TEST_NOTE,
        hash=hash_secret(make_secret()),
        clinic_id=patient.clinic_id,
        subject=patient.pk,
        expires_at=at + TEST_WAITS,
    )
    record(TEST_SENT, on=patient, at=at, by=patient, facts={"channel": channel.kind})
    message_wanted.send(Token, patient=patient, token=token, kind="test", channel=channel, at=at)
    return channel


def answer_test(patient: Patient, *, came: bool, at: datetime) -> None:
    """Whether the last test came, as the patient says. Nothing without one, or when it was said before."""
    test = last_test(patient, at)
    if test is None or test.came == came:
        return
    record(TEST_ANSWERED, on=patient, at=at, by=patient, facts={"came": came})


def ways_to_test(channels: Iterable[Channel]) -> list[Channel]:
    """Of a patient's channels those that are on and have a provider: a note on the phone, then a text, then an e-mail.

    A guest list names no browser: with one, none is a guest.
    """
    on = {channel.kind: channel for channel in channels if channel.may_send}
    providers = (
        (ChannelKind.PUSH, settings.PUSH_KEY and not settings.SEND_ONLY_TO),
        (ChannelKind.SMS, settings.SMS_BASE_URL),
        (ChannelKind.EMAIL, settings.EMAIL_SERVER),
    )
    return [on[kind] for kind, has_provider in providers if has_provider and kind in on]
