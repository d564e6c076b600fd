"""The heartbeat of a part that must not stop."""

from __future__ import annotations

from django.db.models.functions import Now

from alerts.models import Heartbeat


def beat(name: str) -> None:
    """This part is alive, by the database's own clock."""
    Heartbeat.objects.bulk_create(
        [Heartbeat(name=name, beat_at=Now())],
        update_conflicts=True,
        unique_fields=["name"],
        update_fields=["beat_at"],
    )
