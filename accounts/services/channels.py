"""Stopping and starting the ways to reach somebody."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet

from accounts.emails import same_email
from accounts.models import Channel, Clinic, Escort, Patient, StaffMember
from accounts.queries import last_consent
from accounts.services.audit import record
from accounts.services.consents import record_consent
from accounts.signals import address_stopped, channel_started, channel_stopped
from accounts.states import ChannelKind, ConsentKind, ConsentWay
from accounts.tokens import hash_code
from aftercare.tenancy import EachClinic, tenant

# What the audit trail calls them.
_NAMES = {ChannelKind.SMS: "texts", ChannelKind.EMAIL: "emails", ChannelKind.PUSH: "push"}
_CONSENTS = {
    ChannelKind.SMS: ConsentKind.TEXTS,
    ChannelKind.EMAIL: ConsentKind.EMAILS,
    ChannelKind.PUSH: ConsentKind.PUSH,
}


def stop_texts(address: str, *, at: datetime) -> int:
    """STOP from a phone number: no clinic texts it again, a last note included. Returns how many channels that ended."""
    return _stop_everywhere(ChannelKind.SMS, address, at=at)


def stop_all_ways(number: str, *, at: datetime) -> int:
    """Whoever has this phone number wants nothing more from anybody here: texts end as by stop_texts, and with them each
    other way of the patients whose number it is, at every clinic. Returns how many channels that ended."""
    return _stop_everywhere(ChannelKind.SMS, number, at=at, with_others=True)


def stop_emails(channel_id: UUID, *, clinic_id: UUID, mark: str, at: datetime) -> int:
    """No clinic writes to this channel's address again, however it is spelled. Returns how many channels that ended.

    A channel that is gone, was stopped before, or has another address than that of the mark by now ends none. Links of
    before had no mark.
    """
    with tenant(clinic_id):
        channel = Channel.objects.filter(pk=channel_id, kind=ChannelKind.EMAIL).first()
    if channel is None or (mark and mark not in _marks(channel.address)):
        return 0
    return _stop_everywhere(ChannelKind.EMAIL, channel.address, at=at)


def address_mark(address: str) -> str:
    """What a link knows an address by, without telling it: 64 bits as 16 characters."""
    return _marks(address)[0]


def _marks(address: str) -> list[str]:
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return [hash_code(f"stop:{same_email(address)}", pepper=key)[:16] for key in keys]


def set_texts(patient: Patient, *, on: bool, at: datetime, way: ConsentWay = ConsentWay.APP) -> None:
    """The patient's own switch for text messages, with the yes or no that it stands for. Nothing without a number."""
    _set(patient, ChannelKind.SMS, on=on, at=at, way=way)


def set_emails(patient: Patient, *, on: bool, at: datetime, way: ConsentWay = ConsentWay.APP) -> None:
    """The patient's own switch for e-mails, likewise. Nothing without an address."""
    _set(patient, ChannelKind.EMAIL, on=on, at=at, way=way)


def set_push(patient: Patient, *, on: bool, at: datetime, way: ConsentWay = ConsentWay.APP) -> None:
    """The patient's own switch for notices on their phone, likewise. The first yes makes the way."""
    if on:
        Channel.objects.get_or_create(
            patient=patient, kind=ChannelKind.PUSH, defaults={"clinic_id": patient.clinic_id, "address": ""}
        )
    _set(patient, ChannelKind.PUSH, on=on, at=at, way=way)


def _stop_everywhere(kind: ChannelKind, address: str, *, at: datetime, with_others: bool = False) -> int:
    which = Q(address=address) if kind == ChannelKind.SMS else Q(address__iexact=address)
    stopped, clinics = 0, EachClinic()
    for clinic_id in Clinic.objects.values_list("pk", flat=True):
        with clinics.turn(clinic_id):
            address_stopped.send(Channel, kind=kind, address=address, at=at)
            stopped += _stopped(Channel.objects.filter(which, kind=kind), at=at)
            if with_others:
                theirs = Channel.objects.filter(which, kind=kind).exclude(patient=None).values("patient_id")
                others = Channel.objects.filter(patient_id__in=theirs, kind__in=_CONSENTS).exclude(kind=kind)
                stopped += _stopped(others, at=at)
    clinics.tell()
    return stopped


def _stopped(channels: QuerySet[Channel], *, at: datetime) -> int:
    """A way that was off before has its no all the same: of the one who has the address, and from now on."""
    ended = 0
    for channel in channels.select_for_update(of=("self",)):
        was_on = channel.stopped_at is None
        _stop(channel, by=None, at=at)
        _take_back(channel, was_on=was_on, at=at)
        ended += was_on
    return ended


def _take_back(channel: Channel, *, was_on: bool, at: datetime) -> None:
    """A STOP is a no of whoever has the address. Where it was off, and the last word was a STOP already, nothing is added."""
    escort = channel.escort
    patient = escort.patient if escort else channel.patient
    assert patient is not None  # a channel is of one person
    kind = ConsentKind.ESCORT_TEXTS if escort else _CONSENTS[ChannelKind(channel.kind)]
    said = last_consent(kind, patient=patient, escort=escort)
    if was_on or said is None or said.given or said.way != ConsentWay.REPLY:
        record_consent(
            kind, given=False, patient=patient, escort=escort, way=ConsentWay.REPLY, by=escort or patient, at=at
        )


def _set(patient: Patient, kind: ChannelKind, *, on: bool, at: datetime, way: ConsentWay) -> None:
    """The channel and the consent change in one transaction. Said again, it adds nothing."""
    with transaction.atomic():
        for channel in Channel.objects.select_for_update().filter(patient=patient, kind=kind):
            said = last_consent(_CONSENTS[kind], patient=patient)
            if said is None or said.given != on or channel.may_send != on:
                record_consent(_CONSENTS[kind], given=on, patient=patient, way=way, by=patient, at=at)
            if on and not channel.may_send:
                open_channel(channel, by=patient, at=at)
            elif not on:
                _stop(channel, by=patient, at=at)


def _stop(channel: Channel, *, by: Patient | None, at: datetime) -> None:
    """Where it was off before, this no is the one that counts: what undoes the no before leaves it."""
    if channel.stopped_at is None:
        stop_channel(channel, by=by, at=at)
    else:
        channel.stopped_at = at
        channel.save(update_fields=["stopped_at"])


def open_channel(channel: Channel, *, by: Patient | Escort, at: datetime) -> None:
    """Messages leave by this way again, in this transaction."""
    channel.stopped_at, channel.consented_at = None, at
    channel.failed_at, channel.failed_code = None, ""
    channel.save(update_fields=["stopped_at", "consented_at", "failed_at", "failed_code"])
    record(f"{_NAMES[ChannelKind(channel.kind)]}_started", on=channel, at=at, by=by)
    channel_started.send(Channel, channel=channel, at=at)


def stop_channel(channel: Channel, *, by: StaffMember | Patient | Escort | None, at: datetime) -> None:
    """No message leaves by this way any more, in this transaction."""
    channel.stopped_at = at
    channel.save(update_fields=["stopped_at"])
    record(f"{_NAMES[ChannelKind(channel.kind)]}_stopped", on=channel, at=at, by=by)
    channel_stopped.send(Channel, channel=channel, at=at)
