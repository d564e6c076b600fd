"""Who picks the demo's people up: somebody at every point of the way, and two whom a newcomer can be."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from accounts.models import Escort, Patient, StaffMember
from accounts.services import name_escort
from pickup.models import PickupLink
from pickup.services import make_link, set_out
from pickup.states import PickupState
from timeline.models import Treatment
from timeline.services import set_ready
from timeline.states import TreatmentState

# The keys of the start page's escorts: whom they pick up.
ESCORTS: Mapping[str, str] = {"escort": "hour_1", "new_escort": "in_treatment"}


class Ride(NamedTuple):
    """Who drives whom, and how far they are: "asked", "confirmed" or "on_the_way"."""

    patient: str
    name: str
    phone: str
    stands: str
    stays_too: bool = True


RIDES = (
    Ride("hour_1", "Jo", "+12125550151", "confirmed"),
    Ride("in_treatment", "Sami", "+12125550152", "asked"),
    Ride("badly", "Ken", "+12125550153", "on_the_way", stays_too=False),
)


def tell_of_rides(people: Mapping[str, Patient], *, by: StaffMember, at: datetime) -> None:
    """The links as if they had been given this morning; and when the one who rests will be ready."""
    for ride in RIDES:
        patient = people[ride.patient]
        visit = Treatment.objects.filter(patient=patient).order_by("-planned_for").first()
        if visit:
            _tell(visit, patient, ride, at=at)
            if visit.state == TreatmentState.RECOVERING:
                ready_at = (at + timedelta(minutes=50)).replace(second=0, microsecond=0)
                set_ready(visit, ready_at=ready_at - timedelta(minutes=ready_at.minute % 5), by=by, at=at)


def link_of(patient: Patient) -> PickupLink | None:
    """The newest link that picks this patient up; inside the clinic."""
    links = PickupLink.objects.filter(treatment__patient=patient, token__revoked_at=None, escort__ended_at=None)
    return links.select_related("token").order_by("-made_at").first()


def _tell(visit: Treatment, patient: Patient, ride: Ride, *, at: datetime) -> None:
    escort = name_escort(
        patient,
        task=Escort.Task.DRIVES,
        name=ride.name,
        phone=ride.phone,
        stays_too=ride.stays_too,
        by=patient,
        at=at - timedelta(hours=20),
    )
    link = make_link(visit, escort=escort, by=patient, at=at - timedelta(hours=19))
    if ride.stands != "asked":
        # Without the line of consent: nobody but the owner of the table takes such a line away when the day begins anew.
        asked = PickupLink.objects.filter(pk=link.pk)
        asked.move(to=PickupState.CONFIRMED, said_name=ride.name, confirmed_at=at - timedelta(hours=18))
    if ride.stands == "on_the_way":
        set_out(link, at=at - timedelta(minutes=12))
