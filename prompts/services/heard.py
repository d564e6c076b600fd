"""Which texts to us were heard: what the provider signed once can be brought again, by whoever kept it."""

from __future__ import annotations

from datetime import datetime, timedelta

from prompts.models import HeardText

# A text says no time that is signed, so its id is kept for long: it names nobody.
KEEPS_HEARD = timedelta(days=400)


def was_heard(provider_id: str) -> bool:
    """Whether a text with this id of the provider's came before; never for one without."""
    return bool(provider_id) and HeardText.objects.filter(pk=provider_id).exists()


def note_heard(provider_id: str, *, at: datetime) -> None:
    if provider_id:
        HeardText.objects.bulk_create([HeardText(provider_id=provider_id, at=at)], ignore_conflicts=True)


def forget_heard(*, at: datetime) -> int:
    """Deletes what came long ago. Returns how many."""
    count, _ = HeardText.objects.filter(at__lt=at - KEEPS_HEARD).delete()
    return count
