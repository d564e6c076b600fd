"""What the tests of a pickup share: an escort with a link, and the browser that it opened in."""

from __future__ import annotations

from datetime import datetime

from django.test import Client
from django.utils import timezone

from accounts.models import Escort
from accounts.services import name_escort, pickup_link
from aftercare.tenancy import tenant
from pickup.models import PickupLink
from pickup.services import join, make_link
from pickup.states import PickupState
from tests.world import World
from timeline.models import Treatment

PHONE = "+12125550188"


def an_escort(
    world: World, *, name: str = "Jo", task: Escort.Task = Escort.Task.DRIVES, phone: str = "", stays_too: bool = False
) -> Escort:
    return name_escort(
        world.patient, task=task, name=name, phone=phone, stays_too=stays_too, by=world.patient, at=timezone.now()
    )


def a_link(treatment: Treatment, escort: Escort, *, at: datetime | None = None) -> PickupLink:
    return make_link(treatment, escort=escort, by=treatment.patient, at=at or timezone.now())


def a_joined(treatment: Treatment, escort: Escort, *, texts: bool = False, asked: bool = False) -> PickupLink:
    """A link whose escort said yes."""
    link = a_link(treatment, escort)
    join(link, said_name=escort.name, texts=texts, asked=asked, phone="", at=timezone.now())
    link.refresh_from_db()
    return link


def path_of(link: PickupLink) -> str:
    """The path of the link's address."""
    return "/f/" + pickup_link(link.token).rpartition("/f/")[2]


def opened(link: PickupLink, browser: Client | None = None) -> Client:
    """The browser in which an escort opened their link; and said who they are, where they said yes before."""
    browser = browser or Client()
    response = browser.get(path_of(link))
    assert (response.status_code, response["Location"]) == (303, "/pickup/")
    if link.state != PickupState.ASKED:
        browser.post("/pickup/", {"said_name": link.name})
    return browser


def fresh(link: PickupLink, world: World) -> PickupLink:
    with tenant(world.clinic.pk):
        link.refresh_from_db()
    return link
