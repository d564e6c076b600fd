"""How each visit's ride stands, for staff."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from accounts.models import Escort
from pickup.models import PickupLink
from pickup.states import PickupState
from timeline.models import SetUpStep, Treatment
from timeline.set_up import NOBODY_DRIVES


class RideStatus(StrEnum):
    """In the order of a day. `none`: nobody was named who drives; `nobody`: the patient said that they have nobody; `named`:
    no link was given yet."""

    NONE = "none"
    NOBODY = "nobody"
    NAMED = "named"
    ASKED = "asked"
    CONFIRMED = "confirmed"
    ON_THE_WAY = "on_the_way"
    OUTSIDE = "outside"
    MET = "met"
    HOME_SAFE = "home_safe"
    CANT_COME = "cant_come"


@dataclass(frozen=True, slots=True)
class Ride:
    """Who drives, how far they are, and since when. `phone` as stored, or ""."""

    status: RideStatus
    name: str = ""
    phone: str = ""
    since: datetime | None = None
    link_id: UUID | None = None


_MOMENTS = {
    PickupState.ASKED: "made_at",
    PickupState.CONFIRMED: "confirmed_at",
    PickupState.ON_THE_WAY: "on_the_way_at",
    PickupState.OUTSIDE: "outside_at",
    PickupState.MET: "met_at",
    PickupState.HOME_SAFE: "home_safe_at",
    PickupState.CANT_COME: "cant_come_at",
}
_ORDER = tuple(PickupState)


def rides(treatments: Collection[Treatment]) -> dict[UUID, Ride]:
    """By treatment. Three queries, however many there are. Where the patient is home, that is the status, whoever said so."""
    drivers = {
        escort.patient_id: escort
        for escort in Escort.objects.filter(
            patient__in={treatment.patient_id for treatment in treatments}, task=Escort.Task.DRIVES, ended_at=None
        )
    }
    links = PickupLink.objects.filter(treatment__in=treatments, drives=True, escort__ended_at=None)
    made: dict[UUID, list[PickupLink]] = defaultdict(list)
    for link in links.order_by("made_at"):
        made[link.treatment_id].append(link)
    said = SetUpStep.objects.filter(treatment__in=treatments, key=NOBODY_DRIVES)
    without = set(said.values_list("treatment_id", flat=True))
    return {
        treatment.pk: _ride(
            treatment, drivers.get(treatment.patient_id), made[treatment.pk], has_nobody=treatment.pk in without
        )
        for treatment in treatments
    }


def _ride(treatment: Treatment, driver: Escort | None, links: Sequence[PickupLink], *, has_nobody: bool) -> Ride:
    name, phone = (driver.name, driver.phone) if driver else ("", "")
    if treatment.home_safe_at:
        return Ride(RideStatus.HOME_SAFE, name, phone, since=treatment.home_safe_at)
    if driver is None:
        return Ride(RideStatus.NOBODY if has_nobody else RideStatus.NONE)
    links = [link for link in links if link.escort_id == driver.pk]
    if not links:
        return Ride(RideStatus.NAMED, name, phone)
    link = _furthest(links)
    return Ride(RideStatus(link.state), name, phone, since=_since(link), link_id=link.pk)


def _furthest(links: Sequence[PickupLink]) -> PickupLink:
    """Of one escort's links for a visit the one that came furthest: a link made anew takes nobody back to the start.

    Who can't come said so of the ride, not of a link: what was so before that no longer counts, whichever link it stands on.
    What came after does: they were asked again.
    """
    refused = [link for link in links if link.state == PickupState.CANT_COME]
    last = max(refused, key=_since, default=None)
    stands = [link for link in links if link not in refused and (last is None or _since(link) > _since(last))]
    return max(stands, key=lambda link: _ORDER.index(link.state), default=last or links[-1])


def _since(link: PickupLink) -> datetime:
    moment: datetime = getattr(link, _MOMENTS[PickupState(link.state)])
    return moment
