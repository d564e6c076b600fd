"""A test message that a patient sends to themselves, and whether it came."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings

from accounts.models import Channel, Patient, Token
from accounts.queries import TEST_ANSWERED, TEST_SENT, last_test
from accounts.services.audit import record
from accounts.services.throttles import throttle
from accounts.signals import message_wanted
from accounts.states import ChannelKind, TokenKind
from accounts.tokens import hash_secret, make_secret

TEST_WAITS, PER_HOUR, ONE_TAP = timedelta(minutes=30), 3, timedelta(seconds=60)
_TOO_MANY = "You have sent three tests. Wait an hour, or tell your clinic."


class NoWayOn(Exception):
    """Neither texts nor e-mails are on, so that nothing can be sent."""


def send_test(patient: Patient, *, at: datetime) -> Channel:
    """One neutral message by the way that is on: by text, else by e-mail. Inside tenant(). A second tap is the first.

    Raises NoWayOn, TooManyTries.

    The token opens nothing: it is what the message stands for.
    """
    channel = _way_on(patient)
    if channel is None:
        raise NoWayOn("Say yes to texts or e-mails first. Then we can send a test.")
    Patient.objects.select_for_update(no_key=True).get(pk=patient.pk)  # of two taps at once the second finds it sent
    if Token.objects.filter(
        kind=TokenKind.TEST_NOTE, subject=patient.pk, expires_at__gt=at + TEST_WAITS - ONE_TAP
    ).exists():
        return channel
    throttle("test note", str(patient.pk), at_most=PER_HOUR, within=timedelta(hours=1), words=_TOO_MANY)
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


def _way_on(patient: Patient) -> Channel | None:
    channels = {channel.kind: channel for channel in Channel.objects.filter(patient=patient) if channel.may_send}
    ways = ((ChannelKind.SMS, settings.SMS_BASE_URL), (ChannelKind.EMAIL, settings.EMAIL_SERVER))
    return next((channels[kind] for kind, has_provider in ways if has_provider and kind in channels), None)
