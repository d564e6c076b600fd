"""Whether somebody who picks a patient up was met at the door."""

from __future__ import annotations

from pickup.models import PickupLink
from timeline.models import Treatment


def met_link(treatment: Treatment) -> PickupLink | None:
    """The link of the last one whose door word staff typed, as long as that person is still named. One query."""
    links = PickupLink.objects.filter(treatment=treatment, met_at__isnull=False, escort__ended_at=None)
    return links.order_by("met_at").last()
