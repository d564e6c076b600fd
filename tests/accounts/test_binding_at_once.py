"""One code, link or card, and many who use it at once: one of them wins, and the others are told."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import Device, Patient, Token
from accounts.services import (
    CardRefused,
    CodeWrong,
    LinkExpired,
    PinRefused,
    accept_invitation,
    ask_code,
    bind_phone,
    come_back_by_card,
    come_back_with_pin,
    consume,
    invite,
    make_card,
    offer_binding,
    use_code,
    way_back_code,
)
from accounts.states import DeviceScope, TokenKind
from aftercare.tenancy import tenant
from tests.accounts.ways import NUMBER, PIN, bind_before, give_number
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


def at_once(deed: Callable[[int], Any], *, many: int = 10) -> list[Any]:
    """What each of many side by side got: a row, or the refusal."""

    def attempt(number: int) -> Any:
        try:
            return deed(number)
        except (CardRefused, CodeWrong, LinkExpired, PinRefused) as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(many) as threads:
        return list(threads.map(attempt, range(many)))


def won(results: list[Any], kind: type[Any]) -> list[Any]:
    return [result for result in results if isinstance(result, kind)]


def test_the_square_code_and_its_letters_at_once_bind_one_phone(world: World) -> None:
    with tenant(world.clinic.pk):
        offer_binding(world.patient, by=world.nurse, at=timezone.now())
    tokens = list(Token.objects.order_by("pk"))
    assert len(tokens) == 2
    results = at_once(lambda number: bind_phone(tokens[number % 2], pin=f"80421{number}", at=timezone.now()))
    assert len(won(results, Device)) == 1
    assert len(won(results, LinkExpired)) == 9


def test_of_many_who_type_one_sent_code_at_once_one_is_believed(world: World) -> None:
    give_number(world)
    tokens = ask_code(NUMBER, at=timezone.now())
    code = way_back_code(Token.objects.get(pk=tokens[0]))
    results = at_once(lambda _: use_code(tokens, code))
    assert len(won(results, Token)) == 1


def test_of_many_guesses_at_once_three_are_compared(world: World) -> None:
    give_number(world)
    tokens = ask_code(NUMBER, at=timezone.now())
    at_once(lambda number: use_code(tokens, f"{number:06}"), many=20)
    assert Token.objects.get(pk=tokens[0]).tries == 3


def test_of_two_phones_with_one_card_at_once_one_comes_back(world: World) -> None:
    bind_before(world)
    with tenant(world.clinic.pk):
        code = make_card(world.patient, by=world.nurse, at=timezone.now()).code
    results = at_once(lambda _: come_back_by_card(card=code, pin=PIN, at=timezone.now()), many=4)
    assert len(won(results, Device)) == 1
    assert len(won(results, CardRefused)) == 3
    with tenant(world.clinic.pk):
        assert Device.objects.filter(revoked_at=None).count() == 1


def test_of_two_who_come_back_at_once_the_later_one_keeps_the_phone(world: World) -> None:
    bind_before(world)
    with tenant(world.clinic.pk):
        patient = Patient.objects.get()
    results = at_once(lambda _: come_back_with_pin(patient, pin=PIN, at=timezone.now()), many=2)
    assert len(won(results, Device)) == 2
    with tenant(world.clinic.pk):
        assert Device.objects.filter(revoked_at=None).count() == 1


def test_the_link_and_the_code_of_one_invitation_at_once_bind_one_phone(world: World) -> None:
    with tenant(world.clinic.pk):
        at = timezone.now()
        invite(world.patient, planned_for=at + timedelta(days=1), by=world.nurse, at=at)
    tokens = [Token.objects.get(kind=kind) for kind in (TokenKind.INVITATION, TokenKind.INVITATION_CODE)]
    results = at_once(lambda number: accept_invitation(tokens[number % 2], pin=f"80421{number}", at=timezone.now()))
    devices = won(results, Device)
    assert len(devices) == 1
    assert devices[0].scope == DeviceScope.SET_UP
    assert len(won(results, LinkExpired)) + len(won(results, PinRefused)) == 9
