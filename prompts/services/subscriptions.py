"""The browsers that take notices."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from prompts.models import PushSubscription


def subscriptions_of(patient_ids: Collection[UUID]) -> dict[UUID, PushSubscription]:
    """By patient: the newest that is not gone. One query; none for nobody."""
    if not patient_ids:
        return {}
    alive = PushSubscription.objects.filter(patient_id__in=patient_ids, gone_at=None, device__revoked_at=None)
    return {each.patient_id: each for each in alive.order_by("made_at")}


def push_address(subscription: PushSubscription) -> str:
    """Where a notice for this browser goes, as a letter has it."""
    return f"{subscription.endpoint} {subscription.public_key} {subscription.auth_secret}"
