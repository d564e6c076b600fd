"""A patient's new phone number."""

from __future__ import annotations

from datetime import datetime

from accounts.models import Channel, Patient, StaffMember
from accounts.services.audit import record
from accounts.services.tokens import revoke_tokens
from accounts.signals import channel_started, channel_stopped
from accounts.states import ChannelKind, TokenKind


def change_number(patient: Patient, number: str, *, texts_agreed: bool, by: StaffMember, at: datetime) -> Channel:
    """From now on texts go to this number, if that was agreed anew; the old one gets none. Inside tenant()."""
    channel = Channel.objects.select_for_update().filter(patient=patient, kind=ChannelKind.SMS).first()
    if channel is None:
        channel = Channel(clinic_id=patient.clinic_id, patient=patient, kind=ChannelKind.SMS)
    else:
        # What waits to leave for the old number stays in the app; a code that went there opens nothing.
        channel_stopped.send(Channel, channel=channel, at=at)
        revoke_tokens(patient.pk, kinds=[TokenKind.WAY_BACK], at=at)
    channel.address, channel.consented_at, channel.stopped_at = number, at if texts_agreed else None, None
    channel.save()
    if texts_agreed:
        channel_started.send(Channel, channel=channel, at=at)
    record("number_changed", on=channel, at=at, by=by, facts={"texts_agreed": texts_agreed})
    return channel
