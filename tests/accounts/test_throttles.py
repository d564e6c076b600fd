"""Tries are counted in PostgreSQL: they are counted as ever with Valkey gone, and after it came back empty."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, NoReturn

import pytest
import redis.connection
from django.core.cache.backends.base import BaseCache
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import Throttle
from accounts.services import TooManyTries, offer_binding, throttle
from accounts.tokens import hash_code
from tests.accounts.ways import NUMBER, bind_before, give_number, give_pin, prove
from tests.world import World

pytestmark = pytest.mark.django_db
WITHIN = timedelta(minutes=10)


class BrokenCache(BaseCache):
    """Whoever touches it is told."""

    def __init__(self, location: str, params: dict[str, Any]) -> None:
        super().__init__(params)

    def _refuse(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AssertionError("A cache was touched.")

    add = get = set = touch = delete = incr = get_many = set_many = has_key = _refuse


@pytest.fixture
def without_valkey(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """No cache, and no connection to Valkey: both raise."""

    def refuse(*args: Any, **kwargs: Any) -> NoReturn:
        raise AssertionError("Valkey was asked.")

    monkeypatch.setattr(redis.connection.Connection, "connect", refuse)
    settings.CACHES = {"default": {"BACKEND": f"{__name__}.BrokenCache"}}


@pytest.mark.usefixtures("without_valkey")
def test_every_count_of_a_patients_tries_works_without_valkey(world: World) -> None:
    give_number(world)
    bind_before(world)
    give_pin(world)
    codes = [Client().post("/code/", {"code": f"ZZZZ-ZZ{number:02}"}).status_code for number in range(11)]
    assert codes == [422] * 10 + [429]
    prove(Client())
    asked = [Client().post("/way-back/", {"phone": NUMBER}).status_code for _ in range(3)]
    assert asked == [303, 303, 429]
    browser, form = Client(), {"card_code": "ABCD EFGH JKMN PQRS", "known_pin": "190284"}
    assert [browser.post("/way-back/card/", form).status_code for _ in range(6)][-1] == 429


def test_the_negative_control_a_touched_cache_is_found(without_valkey: None) -> None:
    cache = BrokenCache("", {})
    with pytest.raises(AssertionError, match="A cache was touched"):
        cache.get("x")
    with pytest.raises(AssertionError, match="Valkey was asked"):
        redis.connection.Connection().connect()  # type: ignore[no-untyped-call]


def test_a_count_is_kept_by_a_key_that_tells_nothing() -> None:
    throttle("way back", NUMBER, at_most=3, within=WITHIN)
    (row,) = Throttle.objects.all()
    assert NUMBER not in row.key
    assert len(row.key) == len(hash_code("x", pepper="y"))


def test_a_count_begins_anew_when_its_time_is_over() -> None:
    for _ in range(2):
        throttle("x", "y", at_most=2, within=WITHIN)
    with pytest.raises(TooManyTries, match="wait ten minutes"):
        throttle("x", "y", at_most=2, within=WITHIN)
    Throttle.objects.update(window_starts_at=timezone.now() - WITHIN - timedelta(hours=1))
    throttle("x", "y", at_most=2, within=WITHIN)


def test_right_codes_from_one_waiting_room_are_no_tries(world: World) -> None:
    for _ in range(12):
        code = offer_binding(world.patient, by=world.nurse, at=timezone.now()).code
        assert Client().post("/code/", {"code": code}).status_code == 303
    assert Client().post("/code/", {"code": "ZZZZ-ZZZZ"}).status_code == 422
