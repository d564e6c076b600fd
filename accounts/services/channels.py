"""Stopping and starting the ways to reach somebody."""

from __future__ import annotations

from datetime import datetime

from accounts.models import Channel, Clinic, Patient
from accounts.services.audit import record
from accounts.signals import channel_stopped
from accounts.states import ChannelKind
from aftercare.tenancy import tenant


def stop_texts(address: str, *, at: datetime) -> int:
    """STOP from a phone number: no clinic texts it again. Returns how many channels that ended."""
    stopped = 0
    for clinic_id in Clinic.objects.values_list("pk", flat=True):
        with tenant(clinic_id):
            channels = Channel.objects.filter(kind=ChannelKind.SMS, address=address, stopped_at=None)
            for channel in channels.select_for_update():
                _stop(channel, by=None, at=at)
                stopped += 1
    return stopped


def set_texts(patient: Patient, *, on: bool, at: datetime) -> None:
    """The patient's own switch for text messages."""
    for channel in Channel.objects.select_for_update().filter(patient=patient, kind=ChannelKind.SMS):
        if on:
            channel.stopped_at, channel.consented_at = None, at
            channel.save(update_fields=["stopped_at", "consented_at"])
            record("texts_started", on=channel, at=at, by=patient)
        elif channel.stopped_at is None:
            _stop(channel, by=patient, at=at)


def _stop(channel: Channel, *, by: Patient | None, at: datetime) -> None:
    channel.stopped_at = at
    channel.save(update_fields=["stopped_at"])
    record("texts_stopped", on=channel, at=at, by=by)
    channel_stopped.send(Channel, channel=channel, at=at)
