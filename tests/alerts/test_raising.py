"""One alert for each cause, with all its notices, in the transaction of the cause; raised again only by something worse."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections, transaction
from django.utils import timezone

from accounts.models import AuditEvent
from aftercare.tenancy import tenant
from alerts.models import Alert, AlertNotice
from alerts.services import close_alert, raise_alert, take_alert
from alerts.services.rows import add_notices
from alerts.states import AlertState, Closing, NoticeState
from tests.alerts.conftest import ago, cause, notices, states
from tests.world import World
from timeline.levels import Level


def test_an_emergency_is_raised_with_every_notice_of_its_ladder(world: World) -> None:
    at = ago(seconds=1)
    alert = raise_alert(cause(world, Level.EMERGENCY), at=at)
    found = notices(world, alert)
    assert len(found) == 2 + 3 * 4
    minutes = {0: 0, 1: 3, 2: 6, 3: 10}
    assert all(notice.due_at == at + timedelta(minutes=minutes[notice.step]) for notice in found)
    assert {notice.state for notice in found} == {NoticeState.WAITING}
    assert {(notice.step == 0, notice.need) for notice in found} == {(True, 14), (False, 4)}


def test_a_call_today_pages_nobody(world: World) -> None:
    alert = raise_alert(cause(world, Level.CALL_TODAY), at=timezone.now())
    assert notices(world, alert) == [] and alert.state == AlertState.OPEN and alert.due_at > alert.opened_at


def test_a_routine_answer_is_no_alert(world: World) -> None:
    with pytest.raises(ValueError, match="routine"):
        raise_alert(cause(world, Level.ROUTINE), at=timezone.now())


def test_a_web_server_whose_clock_is_ahead_delays_no_first_page(world: World) -> None:
    alert = raise_alert(cause(world), at=timezone.now() + timedelta(minutes=10))
    assert notices(world, alert)[0].due_at <= timezone.now()


def test_the_same_cause_told_again_is_the_same_alert(world: World) -> None:
    one = raise_alert(cause(world, Level.URGENT, source="s"), at=ago(minutes=2))
    same = raise_alert(
        cause(world, Level.URGENT, source="s", reasons=("Chest pain",), rules=("B2",)), at=ago(minutes=1)
    )
    lower = raise_alert(cause(world, Level.CALL_TODAY, source="s"), at=timezone.now())
    assert one.pk == same.pk == lower.pk and lower.level == Level.URGENT and lower.lift == 0
    assert lower.reasons == ["Hard to breathe", "Chest pain"] and lower.rules == ["E1", "B2"]
    assert len(notices(world, one)) == 1 + 3 * 4


def test_something_worse_lifts_it_out_of_the_hands_of_who_had_it(world: World) -> None:
    alert = raise_alert(cause(world, Level.URGENT, source="s"), at=ago(minutes=5))
    take_alert(alert, by=world.nurse, at=ago(minutes=4), promised_for=timezone.now())
    at = timezone.now()
    lifted = raise_alert(cause(world, Level.EMERGENCY, source="s", rules=("E9",)), at=at)
    assert lifted.pk == alert.pk
    assert (lifted.state, lifted.level, lifted.lift, lifted.lifted_at) == (AlertState.OPEN, Level.EMERGENCY, 1, at)
    assert (lifted.taken_by, lifted.taken_at, lifted.promised_for) == (None, None, None)
    assert lifted.rules == ["E9", "E1"] and lifted.opened_at == alert.opened_at
    assert {state for *_, state in states(world, alert, lift=0)} == {"CANCELLED"}
    assert [state for *_, state in states(world, alert, lift=1)] == ["WAITING"] * 14
    (event,) = AuditEvent.objects.filter(action="alert_lifted")
    assert event.facts["had_it"] == str(world.nurse.pk) and event.facts["from"] == "urgent"


def test_something_worse_after_it_was_closed_is_a_new_alert(world: World) -> None:
    alert = raise_alert(cause(world, Level.CALL_TODAY, source="s"), at=ago(minutes=5))
    close_alert(alert, closing=Closing.NOT_NEEDED, done="Spoke.", is_reported=None, by=world.nurse, at=ago(minutes=4))
    same = raise_alert(cause(world, Level.CALL_TODAY, source="s"), at=ago(minutes=3))
    assert same.pk == alert.pk and same.state == AlertState.CLOSED
    worse = raise_alert(cause(world, Level.URGENT, source="s"), at=ago(minutes=2))
    assert worse.pk != alert.pk and worse.source == "s#2" and worse.state == AlertState.OPEN
    assert raise_alert(cause(world, Level.URGENT, source="s"), at=ago(minutes=1)).pk == worse.pk
    assert raise_alert(cause(world, Level.CRISIS, source="s"), at=timezone.now()).pk == worse.pk
    assert Alert.objects.count() == 2


def test_a_rolled_back_cause_leaves_nothing(world: World) -> None:
    with transaction.atomic():
        raise_alert(cause(world), at=timezone.now())
        transaction.set_rollback(True)
    assert not Alert.objects.exists() and not AlertNotice.objects.exists()
    assert not AuditEvent.objects.filter(action="alert_raised").exists()


def test_a_code_that_is_taken_is_drawn_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = iter(["7K2", "7K2", "7K2", "4B9"])
    monkeypatch.setattr("alerts.services.raising.make_alert_code", lambda _: next(drawn))
    assert [raise_alert(cause(world), at=timezone.now()).code for _ in range(2)] == ["7K2", "4B9"]


def test_a_code_is_free_again_when_its_alert_is_closed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("alerts.services.raising.make_alert_code", lambda _: "7K2")
    alert = raise_alert(cause(world), at=timezone.now())
    close_alert(
        alert, closing=Closing.SAFE_AT_HOME, done="Spoke.", is_reported=False, by=world.nurse, at=timezone.now()
    )
    assert raise_alert(cause(world), at=timezone.now()).code == "7K2"


def test_many_at_once_of_one_cause_are_one_alert(committed: None, world: World) -> None:
    told = cause(world)

    def tell(_: int) -> Any:
        try:
            with tenant(world.clinic.pk):
                return raise_alert(told, at=timezone.now()).pk
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as threads:
        assert len(set(threads.map(tell, range(16)))) == 1
    with tenant(world.clinic.pk):
        assert Alert.objects.count() == 1 and AlertNotice.objects.count() == 14


def test_another_clinic_sees_nothing_of_it(world: World, other_world: World) -> None:
    with tenant(world.clinic.pk):
        alert = raise_alert(cause(world, source="s"), at=timezone.now())
    with tenant(other_world.clinic.pk):
        assert not Alert.objects.exists() and not AlertNotice.objects.exists()
        theirs = raise_alert(cause(other_world, Level.URGENT, source="s"), at=timezone.now())
        assert theirs.pk != alert.pk and theirs.lift == 0


def test_notices_of_one_lift_are_written_once(world: World) -> None:
    alert = raise_alert(cause(world), at=timezone.now())
    with pytest.raises(Exception, match="notice_step_once"), transaction.atomic():
        add_notices(alert, at=timezone.now())
