"""Texts to an escort: few, by day, with a link that opens, and only with their yes."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import Escort, Token
from accounts.services import end_escort, let_text, make_pickup_token, name_escort, pickup_link, stop_texts
from accounts.states import ChannelKind, TokenKind
from aftercare.tenancy import tenant
from prompts.models import Prompt
from prompts.services import deliver_due, stop_asked_for, text_escort
from prompts.services.escort_texts import MOST, escort_link
from prompts.states import PromptState
from tests.conftest import Standin
from tests.world import NEW_YORK, World
from timeline.models import Treatment

NUMBER = "+15550100188"


def noon() -> datetime:
    return timezone.now().astimezone(NEW_YORK).replace(hour=12, minute=0)


def an_escort(world: World, task: Escort.Task = Escort.Task.DRIVES) -> Escort:
    at = timezone.now()
    jo = name_escort(world.patient, task=task, name="Jo", phone=NUMBER, by=world.patient, at=at)
    let_text(jo, on=True, at=at)
    make_pickup_token(jo, expires_at=at + timedelta(days=2), by=None)
    return jo


WAYS_OUT: dict[str, Callable[[Escort], object]] = {
    "texts are off": lambda jo: let_text(jo, on=False, at=timezone.now()),
    "STOP": lambda _: stop_texts(NUMBER, at=timezone.now()),
    "ended": lambda jo: end_escort(jo, by=jo, at=timezone.now()),
    "no link": lambda jo: Token.objects.filter(subject=jo.pk).update(revoked_at=timezone.now()),
}


@pytest.mark.django_db
@pytest.mark.usefixtures("has_provider")
class TestWhatMayLeave:
    @pytest.fixture
    def jo(self, world: World) -> Escort:
        return an_escort(world)

    @pytest.fixture
    def visit(self, world: World) -> Treatment:
        return world.treatment()

    def test_three_for_one_visit_and_no_more(self, world: World, jo: Escort, visit: Treatment) -> None:
        assert [text_escort(visit, jo, at=noon()) for _ in range(MOST + 1)] == [True, True, True, False]
        assert Token.objects.filter(kind=TokenKind.ESCORT_NOTE, subject=jo.pk).count() == MOST

    def test_whoever_drives_and_stays_has_three_all_the_same(self, world: World, jo: Escort, visit: Treatment) -> None:
        text_escort(visit, jo, at=noon())
        stays = an_escort(world, Escort.Task.STAYS)
        assert [text_escort(visit, each, at=noon()) for each in (stays, stays, jo)] == [True, True, False]

    @pytest.mark.parametrize(
        ("hour", "minute", "leaves"), [(20, 30, True), (20, 41, False), (21, 0, False), (7, 59, False), (8, 0, True)]
    )
    def test_never_at_night_by_the_clock_of_the_visit(
        self, jo: Escort, visit: Treatment, *, hour: int, minute: int, leaves: bool
    ) -> None:
        assert text_escort(visit, jo, at=noon().replace(hour=hour, minute=minute)) is leaves

    @pytest.mark.parametrize("why", WAYS_OUT)
    def test_none_without_their_yes_or_a_link(self, jo: Escort, visit: Treatment, why: str) -> None:
        WAYS_OUT[why](jo)
        assert not text_escort(visit, jo, at=noon())

    @pytest.mark.parametrize(("provider", "guests"), [("", []), ("http://127.0.0.1:9", ["+15550100199"])])
    def test_none_where_nothing_could_leave(
        self, jo: Escort, visit: Treatment, settings: Settings, *, provider: str, guests: list[str]
    ) -> None:
        settings.SMS_BASE_URL, settings.SEND_ONLY_TO = provider, guests
        assert not text_escort(visit, jo, at=noon())
        settings.SMS_BASE_URL, settings.SEND_ONLY_TO = "http://127.0.0.1:9", [NUMBER]
        assert text_escort(visit, jo, at=noon())

    def test_tonights_link_comes_before_that_of_a_later_visit(self, jo: Escort) -> None:
        tonight = escort_link(jo.pk, at=noon())
        make_pickup_token(jo, expires_at=timezone.now() + timedelta(days=9), by=None)
        assert escort_link(jo.pk, at=noon()) == tonight

    @pytest.mark.parametrize("why", ["texts are off", "STOP", "ended"])
    def test_what_waits_does_not_leave_after_a_no(self, jo: Escort, visit: Treatment, why: str) -> None:
        text_escort(visit, jo, at=noon())
        WAYS_OUT[why](jo)
        assert Prompt.objects.get().state == PromptState.CANCELLED

    def test_the_patients_own_stop_is_not_the_escorts(self, world: World, jo: Escort, visit: Treatment) -> None:
        text_escort(visit, jo, at=noon())
        stop_asked_for(world.patient.pk, by=ChannelKind.SMS, at=timezone.now())
        assert Prompt.objects.get().state == PromptState.WAITING


@pytest.mark.usefixtures("committed", "has_provider")
def test_many_workers_at_once_text_three_times(world: World) -> None:
    with tenant(world.clinic.pk):
        jo, visit = an_escort(world), world.treatment()
    together = Barrier(6)

    def text(_: int) -> bool:
        try:
            with tenant(world.clinic.pk):
                together.wait(timeout=10)
                return text_escort(visit, jo, at=noon())
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as threads:
        assert sum(threads.map(text, range(6))) == MOST
    with tenant(world.clinic.pk):
        assert Prompt.objects.filter(kind="escort").count() == MOST


@pytest.mark.usefixtures("committed")
@pytest.mark.parametrize("withdrawn", [False, True])
def test_it_leaves_with_the_link_that_opens_now(
    world: World, standin: Standin, settings: Settings, *, withdrawn: bool
) -> None:
    with tenant(world.clinic.pk):
        jo, visit = an_escort(world), world.treatment()
        Prompt.objects.all().delete()
        Treatment.objects.update(zone=_where_it_is_noon())
        visit.refresh_from_db()
        assert text_escort(visit, jo, at=timezone.now())
        token = Token.objects.get(kind=TokenKind.PICKUP)
        if withdrawn:
            Token.objects.filter(pk=token.pk).update(revoked_at=timezone.now())
    deliver_due()
    sent = [message["body"] for message in standin.inbox.messages]
    words = f"Cedar Street: please look at your list. {pickup_link(token)} Reply STOP to end."
    assert sent == ([] if withdrawn else [words])
    assert len(words) <= 160


def _where_it_is_noon() -> str:
    offset = 12 - timezone.now().hour
    return f"Etc/GMT{-offset:+d}"
