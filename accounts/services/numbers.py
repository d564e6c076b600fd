"""A patient's new phone number."""

from __future__ import annotations

from datetime import datetime, timedelta

from accounts.models import Channel, Patient, StaffMember, Token
from accounts.services.audit import record
from accounts.services.consents import has_agreed, record_consent
from accounts.services.tokens import revoke_tokens
from accounts.signals import channel_started, channel_stopped, message_wanted
from accounts.states import ChannelKind, ConsentKind, ConsentWay, TokenKind
from accounts.tokens import hash_secret, make_secret

NOTE_WAITS = timedelta(days=1)


def change_number(patient: Patient, number: str, *, texts_agreed: bool, by: StaffMember, at: datetime) -> Channel:
    """From now on texts go to this number, if that was agreed anew. Inside tenant().

    The old one gets a last text that says so, for whoever did not want it; unless texts to it were off. Said twice, it is
    done once.
    """
    Patient.objects.select_for_update().get(pk=patient.pk)  # of two taps at once the second finds it done
    channel = Channel.objects.select_for_update().filter(patient=patient, kind=ChannelKind.SMS).first()
    if channel and (channel.address, channel.may_send) == (number, texts_agreed):
        return channel
    if channel is None:
        channel = Channel(clinic_id=patient.clinic_id, patient=patient, kind=ChannelKind.SMS)
    else:
        # What waits to leave for the old number stays in the app; a code that went there opens nothing.
        channel_stopped.send(Channel, channel=channel, at=at)
        revoke_tokens(patient.pk, kinds=[TokenKind.WAY_BACK], at=at)
        if channel.may_send and channel.address != number:
            _tell_old_number(channel, patient, by=by, at=at)
    channel.address, channel.consented_at, channel.stopped_at = number, at if texts_agreed else None, None
    channel.failed_at, channel.failed_code = None, ""
    channel.save()
    if texts_agreed:
        channel_started.send(Channel, channel=channel, at=at)
    # A yes is for one number. Where none was said there is nothing to take back.
    if texts_agreed or has_agreed(ConsentKind.TEXTS, patient=patient):
        record_consent(ConsentKind.TEXTS, given=texts_agreed, patient=patient, way=ConsentWay.STAFF, by=by, at=at)
    record("number_changed", on=channel, at=at, by=by, facts={"texts_agreed": texts_agreed})
    return channel


def _tell_old_number(channel: Channel, patient: Patient, *, by: StaffMember, at: datetime) -> None:
    """The token opens nothing: it is what the message stands for."""
    token = Token.objects.create(
        kind=TokenKind.NUMBER_CHANGED,
        hash=hash_secret(make_secret()),
        clinic_id=patient.clinic_id,
        subject=patient.pk,
        made_by=by,
        expires_at=at + NOTE_WAITS,
    )
    message_wanted.send(Token, patient=patient, token=token, kind="notice", channel=channel, to=channel.address, at=at)
