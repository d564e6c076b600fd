"""Texts that begin again because somebody texted START."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from accounts.models import Channel, Clinic, Consent, Escort, Patient
from accounts.queries import last_consent
from accounts.services.channels import open_channel
from accounts.services.consents import record_consent
from accounts.states import ChannelKind, ConsentKind, ConsentWay
from aftercare.tenancy import EachClinic


def start_texts(number: str, *, at: datetime) -> int:
    """START from a phone number. Returns how many channels that started.

    It undoes a STOP that came by text, and a failure: whoever texts us can be texted. It is never a first yes, and never
    undoes a no that was said in another way.
    """
    started, clinics = 0, EachClinic()
    for clinic_id in Clinic.objects.values_list("pk", flat=True):
        with clinics.turn(clinic_id):
            started += _started(number, at=at)
    clinics.tell()
    return started


def _started(number: str, *, at: datetime) -> int:
    had_a_yes = Channel.objects.filter(address=number, kind=ChannelKind.SMS, consented_at__isnull=False)
    off = had_a_yes.filter(Q(stopped_at__isnull=False) | Q(failed_at__isnull=False)).select_for_update(of=("self",))
    found = [channel for channel in off if _may_start(channel)]
    for channel in found:
        _start(channel, at=at)
    return len(found)


def _may_start(channel: Channel) -> bool:
    """Whether the last word about texts was a yes, or a no by text; and an escort is asked for still."""
    if channel.escort and channel.escort.ended_at:
        return False
    said = _last_word(channel)
    return said.given or said.way == ConsentWay.REPLY if said else channel.stopped_at is None


def _start(channel: Channel, *, at: datetime) -> None:
    patient, escort = _whose(channel)
    by, said = escort or patient, _last_word(channel)
    if said is None or not said.given:
        kind = _kind(channel)
        record_consent(kind, given=True, patient=patient, escort=escort, way=ConsentWay.REPLY, by=by, at=at)
    open_channel(channel, by=by, at=at)


def _last_word(channel: Channel) -> Consent | None:
    patient, escort = _whose(channel)
    return last_consent(_kind(channel), patient=patient, escort=escort)


def _kind(channel: Channel) -> ConsentKind:
    return ConsentKind.ESCORT_TEXTS if channel.escort else ConsentKind.TEXTS


def _whose(channel: Channel) -> tuple[Patient, Escort | None]:
    """The patient whom it is about, and the escort whose number it is, if so."""
    patient = channel.escort.patient if channel.escort else channel.patient
    assert patient is not None  # a channel is of one person
    return patient, channel.escort
