"""Whether one phone takes notes, and what its owner is asked."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from accounts.models import Channel, Device
from accounts.queries import consent_words
from accounts.states import ChannelKind, ConsentKind
from prompts.models import PushSubscription


@dataclass(frozen=True, slots=True)
class PushCard:
    """Notes on this phone. `wording` is what its button says yes to; `endpoint` is where they go now, "" while it takes none.

    `is_elsewhere`: they show on another phone, which said yes after this one.
    """

    wording: str
    endpoint: str
    is_elsewhere: bool

    @property
    def is_on(self) -> bool:
        return bool(self.endpoint)


def takes_push(patient_id: UUID) -> bool:
    """Whether any phone of this patient takes notices. Whether they want any is their channel's business."""
    return PushSubscription.objects.filter(PushSubscription.ALIVE, patient_id=patient_id).exists()


def push_card(device: Device) -> PushCard:
    """Two queries."""
    is_open = Channel.objects.filter(Channel.OPEN, patient=device.patient, kind=ChannelKind.PUSH).exists()
    alive = PushSubscription.objects.filter(PushSubscription.ALIVE, patient=device.patient).order_by("-made_at")
    places = list(alive.values_list("device", "endpoint")) if is_open else []
    return PushCard(
        wording=consent_words(ConsentKind.PUSH, patient=device.patient),
        endpoint=next((endpoint for phone, endpoint in places if phone == device.pk), ""),
        is_elsewhere=bool(places) and places[0][0] != device.pk,
    )
