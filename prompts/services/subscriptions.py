"""The browsers that take notices: taken down with the patient's yes, ended with their no, and when a push service says so."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.models import Channel, Device, Patient
from accounts.services import set_push
from accounts.states import ChannelKind
from aftercare.tenancy import tenant
from prompts.channels.aes128gcm import read_keys, write_base64url
from prompts.channels.push import PushAddress
from prompts.endpoints import read_endpoint
from prompts.models import PushSubscription
from prompts.queries.push import takes_push
from prompts.services.ways import has_push, push_hosts, push_stand_in

# So many browsers of one patient; one more ends the oldest.
MOST = 5


class SubscriptionRefused(ValueError):
    """What a browser sent is nothing that we may call, or can seal for. A sentence fit to show."""


def subscribe(
    patient: Patient, device: Device, *, endpoint: str, public_key: str, auth_secret: str, at: datetime
) -> PushSubscription:
    """This phone takes notices from now on: the patient's yes. Raises SubscriptionRefused.

    `endpoint` and the keys, in base64url, are as the browser has them. An endpoint is one browser: it belongs to who
    subscribed last on it. A phone has one; what it had before is gone.
    """
    address = _read(endpoint, public_key, auth_secret)
    with transaction.atomic():
        set_push(patient, on=True, at=at)
        return _keep(patient, device, address, at=at)


def renew_subscription(
    patient: Patient, device: Device, *, endpoint: str, public_key: str, auth_secret: str, at: datetime
) -> None:
    """A browser says again how it is reached, which it may do by itself: no yes of the patient's. Nothing while they have
    notices off. Raises SubscriptionRefused."""
    address = _read(endpoint, public_key, auth_secret)
    with transaction.atomic():
        if Channel.objects.filter(Channel.OPEN, patient=patient, kind=ChannelKind.PUSH).exists():
            _keep(patient, device, address, at=at)


def unsubscribe(patient: Patient, device: Device, *, at: datetime) -> None:
    """This phone takes no notices any more. With the last one that is the patient's no."""
    with transaction.atomic():
        PushSubscription.objects.filter(patient=patient, device=device, gone_at=None).update(gone_at=at)
        if not takes_push(patient.pk):
            set_push(patient, on=False, at=at)


def keep_subscriptions(*, before: Device, now: Device) -> int:
    """The same browser is another phone of its patient: what it takes goes on. Returns how many subscriptions."""
    return PushSubscription.objects.filter(device=before, gone_at=None).update(device=now)


def subscriptions_of(patient_ids: Collection[UUID]) -> dict[UUID, PushSubscription]:
    """By patient: the newest that is not gone, on a phone that is not signed out. One query; none for nobody."""
    if not patient_ids:
        return {}
    alive = PushSubscription.objects.filter(PushSubscription.ALIVE, patient_id__in=patient_ids)
    return {each.patient_id: each for each in alive.order_by("made_at")}


def push_address(subscription: PushSubscription) -> str:
    """Where a letter to this browser goes: what PushChannel takes as `to`."""
    return str(PushAddress(subscription.endpoint, subscription.public_key, subscription.auth_secret))


def drop_gone(gone: Collection[tuple[UUID, str]], *, at: datetime) -> int:
    """After a flight: browsers that their push service knows no more. Returns how many were dropped.

    `gone` are a clinic's id and the `to` of a letter whose sending was refused with push.GONE. One short transaction a
    clinic, opened here. Said twice, it changes nothing; a browser that subscribed again since with other keys stays.
    """
    addresses: dict[UUID, list[PushAddress]] = defaultdict(list)
    for clinic_id, to in gone:
        addresses[clinic_id].append(PushAddress.read(to))
    return sum(_drop(clinic_id, each, at=at) for clinic_id, each in addresses.items())


def _drop(clinic_id: UUID, addresses: Collection[PushAddress], *, at: datetime) -> int:
    with tenant(clinic_id):
        return sum(
            PushSubscription.objects.filter(
                endpoint=each.endpoint, public_key=each.public_key, auth_secret=each.auth_secret, gone_at=None
            ).update(gone_at=at)
            for each in addresses
        )


def _read(endpoint: str, public_key: str, auth_secret: str) -> PushAddress:
    if not has_push():
        raise SubscriptionRefused("Notes on a phone are not on here yet.")
    try:
        keys = read_keys(public_key, auth_secret)
        place = read_endpoint(endpoint, hosts=push_hosts(), stand_in=push_stand_in())
    except ValueError:
        raise SubscriptionRefused("We can't send notes to this browser. Nothing was turned on.") from None
    return PushAddress(place, write_base64url(keys.point), write_base64url(keys.secret))


def _keep(patient: Patient, device: Device, address: PushAddress, *, at: datetime) -> PushSubscription:
    kept, _ = PushSubscription.objects.update_or_create(
        clinic_id=patient.clinic_id,
        endpoint=address.endpoint,
        defaults={
            "patient": patient,
            "device": device,
            "public_key": address.public_key,
            "auth_secret": address.auth_secret,
            "made_at": at,
            "gone_at": None,
        },
    )
    _make_room(kept)
    return kept


def _make_room(kept: PushSubscription) -> None:
    """Of this patient's others: none of the same phone, none that is over, and no more than MOST with this one."""
    others = PushSubscription.objects.filter(patient_id=kept.patient_id).exclude(pk=kept.pk)
    stays = others.filter(PushSubscription.ALIVE).exclude(device_id=kept.device_id).order_by("-made_at")
    others.exclude(pk__in=[each.pk for each in stays[: MOST - 1]]).delete()
