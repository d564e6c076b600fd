"""What the tests of coming back share: a patient with a number, the code that was sent, a phone that was bound before."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.test import Client
from django.utils import timezone

from accounts.models import Channel, Device, Token
from accounts.services import offer_binding, set_pin, way_back_code
from accounts.signals import message_wanted
from accounts.states import ChannelKind
from aftercare.tenancy import tenant
from tests.world import World

NUMBER, PIN, NEW_PIN = "+12125550142", "804217", "571093"


def give_number(world: World, number: str = NUMBER, *, kind: ChannelKind = ChannelKind.SMS, **values: Any) -> Channel:
    values = {"consented_at": timezone.now(), **values}
    with tenant(world.clinic.pk):
        return Channel.objects.create(clinic=world.clinic, patient=world.patient, kind=kind, address=number, **values)


def bind_before(world: World, pin: str = PIN) -> tuple[Client, Device]:
    """The patient's old phone, bound face to face with a PIN."""
    phone = Client()
    with tenant(world.clinic.pk):
        binding = offer_binding(world.patient, by=world.nurse, at=timezone.now())
    phone.get(f"/b/{binding.secret}/")
    assert phone.post("/bind/", {"pin": pin, "again": pin}).status_code == 303
    with tenant(world.clinic.pk):
        device = Device.objects.filter(patient=world.patient, revoked_at=None).latest("bound_at")
    return phone, device


def give_pin(world: World, pin: str = PIN) -> None:
    with tenant(world.clinic.pk):
        set_pin(world.patient, pin)


@contextmanager
def messages_wanted() -> Iterator[list[dict[str, Any]]]:
    """What accounts asked to be sent meanwhile."""
    wanted: list[dict[str, Any]] = []

    def note(sender: Any, **values: Any) -> None:
        wanted.append(values)

    message_wanted.connect(note)
    try:
        yield wanted
    finally:
        message_wanted.disconnect(note)


def ask(client: Client, number: str = NUMBER) -> list[str]:
    """Asks for a code. Returns the codes that were sent for it."""
    with messages_wanted() as wanted:
        response = client.post("/way-back/", {"phone": number})
    assert (response.status_code, response["Location"]) == (303, "/way-back/code/")
    return [way_back_code(Token.objects.get(pk=message["token"].pk)) for message in wanted]


def prove(client: Client, number: str = NUMBER) -> Client:
    """Asks for a code, and types it."""
    (code,) = ask(client, number)
    response = client.post("/way-back/code/", {"code": code})
    assert (response.status_code, response["Location"]) == (303, "/way-back/pin/")
    return client
