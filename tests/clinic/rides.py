"""What the tests of papers and of the board share: somebody who drives, as far as they are, and the other route."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from accounts.models import Escort
from accounts.services import name_escort
from pickup.models import PickupLink
from pickup.services import make_link
from pickup.states import PickupState
from tests.world import World
from timeline.models import Treatment
from timeline.packs import read_pack
from timeline.services import draft_version

DRIVER_PHONE = "+12125550188"


def a_driver(world: World, *, at: datetime, name: str = "Rosa Vidal", phone: str = DRIVER_PHONE) -> Escort:
    return name_escort(world.patient, task=Escort.Task.DRIVES, name=name, phone=phone, by=world.nurse, at=at)


def a_ride(world: World, treatment: Treatment, state: PickupState, *, at: datetime) -> PickupLink:
    """A link that came as far as `state`, at that moment."""
    link = make_link(treatment, escort=a_driver(world, at=at), by=world.nurse, at=at)
    link.state = state
    if state != PickupState.ASKED:
        setattr(link, f"{state}_at", at)
    link.save()
    return link


def with_spravato(world: World, *, at: datetime) -> World:
    """The same people, where the spray is given."""
    document = read_pack("spravato")
    return replace(world, version=draft_version(document, by=world.nurse, at=at, clinic_id=world.clinic.pk))
