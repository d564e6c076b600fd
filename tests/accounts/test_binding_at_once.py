"""One code, shown to a waiting room: however many phones try at once, one is bound."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import Device, Token
from accounts.services import LinkExpired, bind_phone, consume, offer_binding
from aftercare.tenancy import tenant
from tests.world import World

pytestmark = pytest.mark.usefixtures("committed")

AT_ONCE = 50


@pytest.fixture
def token(world: World) -> Token:
    with tenant(world.clinic.pk):
        offer_binding(world.patient, by=world.nurse, at=timezone.now())
    return Token.objects.order_by("pk")[0]


def test_of_fifty_tries_at_once_one_uses_the_token(token: Token) -> None:
    def attempt(_: int) -> bool:
        try:
            return consume(token)
        finally:
            connection.close()

    with ThreadPoolExecutor(AT_ONCE) as threads:
        assert sum(threads.map(attempt, range(AT_ONCE))) == 1


def test_of_many_phones_at_once_one_is_bound(token: Token, world: World) -> None:
    def attempt(number: int) -> bool:
        try:
            bind_phone(token, pin=f"80421{number}", at=timezone.now())
        except LinkExpired:
            return False
        else:
            return True
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as threads:
        assert sum(threads.map(attempt, range(10))) == 1
    with tenant(world.clinic.pk):
        assert Device.objects.count() == 1
