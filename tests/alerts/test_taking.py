"""Somebody takes an alert, promises, hands back, writes down, closes: each once, by whom, and with nothing sent after."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone

from accounts.models import AuditEvent, StaffMember
from aftercare.state import AlreadyMoved
from aftercare.tenancy import tenant
from alerts.models import Alert, CallLog
from alerts.services import (
    AlertAlreadyTaken,
    CloseNotPossible,
    NotYours,
    TimeNotPossible,
    close_alert,
    hand_back_alert,
    log_call,
    promise_call,
    take_alert,
)
from alerts.states import AlertState, Closing, NoticeState, Tried
from tests.alerts.conftest import ago, notices, states
from tests.world import World
from timeline.levels import Level

Raised = Callable[..., Alert]


def audited(action: str) -> AuditEvent:
    return AuditEvent.objects.get(action=action)


def test_taking_cancels_every_step_that_waits(world: World, first: StaffMember, raised: Raised) -> None:
    at = timezone.now()
    alert = take_alert(raised(), by=first, at=at)
    assert (alert.state, alert.taken_by, alert.taken_at) == (AlertState.TAKEN, first, at)
    assert {(notice.state, notice.reason, notice.ended_at) for notice in notices(world, alert)} == {
        (NoticeState.CANCELLED, "taken", at)
    }
    assert audited("alert_taken").actor == first.pk


def test_who_comes_second_reads_who_was_first(
    world: World, first: StaffMember, second: StaffMember, raised: Raised
) -> None:
    at = timezone.now()
    alert = take_alert(raised(), by=first, at=at)
    with pytest.raises(AlertAlreadyTaken, match="Ines Ortega has this alert") as caught:
        take_alert(alert, by=second, at=timezone.now())
    assert (caught.value.by, caught.value.happened_at) == (first.pk, at)
    alert.refresh_from_db()
    assert alert.taken_by == first


def test_of_fifty_at_once_one_takes_it(committed: None, world: World, first: StaffMember, raised: Raised) -> None:
    alert = raised()

    def take(_: int) -> bool:
        try:
            with tenant(world.clinic.pk):
                take_alert(alert, by=first, at=timezone.now())
            return True
        except AlertAlreadyTaken:
            return False
        finally:
            connections.close_all()

    with ThreadPoolExecutor(10) as threads:
        assert sum(threads.map(take, range(50))) == 1
    with tenant(world.clinic.pk):
        assert AuditEvent.objects.filter(action="alert_taken").count() == 1


def test_a_call_is_promised_by_who_has_it(first: StaffMember, second: StaffMember, raised: Raised) -> None:
    alert, at = raised(), timezone.now()
    then = at + timedelta(minutes=20)
    with pytest.raises(NotYours, match="Take this alert first"):
        promise_call(alert, promised_for=then, by=first, at=at)
    take_alert(alert, by=first, at=at)
    with pytest.raises(NotYours):
        promise_call(alert, promised_for=then, by=second, at=at)
    assert promise_call(alert, promised_for=then, by=first, at=at).promised_for == then


@pytest.mark.parametrize(("minutes", "words"), [(0, "has passed"), (-1, "has passed"), (12 * 60 + 1, "too far away")])
def test_no_call_is_promised_for_then(first: StaffMember, raised: Raised, minutes: int, words: str) -> None:
    at = timezone.now()
    then = at + timedelta(minutes=minutes)
    alert = raised()
    with pytest.raises(TimeNotPossible, match=words):
        take_alert(alert, by=first, at=at, promised_for=then)
    alert.refresh_from_db()
    assert alert.state == AlertState.OPEN
    take_alert(alert, by=first, at=at, promised_for=at + timedelta(hours=12))
    with pytest.raises(TimeNotPossible, match=words):
        promise_call(alert, promised_for=then, by=first, at=at)


def test_handed_back_it_tells_everybody_anew(world: World, first: StaffMember, raised: Raised) -> None:
    alert = take_alert(raised(Level.URGENT, at=ago(minutes=9)), by=first, at=ago(minutes=8))
    at = timezone.now()
    hand_back_alert(alert, by=first, at=at)
    assert (alert.state, alert.lift, alert.level, alert.lifted_at) == (AlertState.OPEN, 1, Level.URGENT, at)
    assert (alert.taken_by, alert.taken_at, alert.promised_for) == (None, None, None)
    again = notices(world, alert, lift=1)
    assert len(again) == 13 and again[0].due_at == at and again[-1].due_at == at + timedelta(minutes=15)
    assert audited("alert_handed_back").facts == {"had_it": str(first.pk)}


def test_only_who_has_it_or_a_manager_hands_it_back(
    first: StaffMember, second: StaffMember, manager: StaffMember, raised: Raised
) -> None:
    alert = take_alert(raised(), by=first, at=timezone.now())
    with pytest.raises(NotYours):
        hand_back_alert(alert, by=second, at=timezone.now())
    assert hand_back_alert(alert, by=manager, at=timezone.now()).state == AlertState.OPEN
    with pytest.raises(AlreadyMoved):
        hand_back_alert(alert, by=manager, at=timezone.now())


def test_a_call_is_written_down_once(first: StaffMember, raised: Raised) -> None:
    alert, key = raised(), uuid.uuid4()
    calls = [
        log_call(alert, tried=Tried.REACHED, said=" Is sitting. ", by=first, at=timezone.now(), key=key)
        for _ in range(2)
    ]
    assert calls[0] == calls[1] and calls[0].said == "Is sitting." and CallLog.objects.count() == 1
    assert "Is sitting" not in str(audited("call_logged").facts)


def test_closing_says_why_and_what_was_done(world: World, first: StaffMember, raised: Raised) -> None:
    alert, at = raised(), timezone.now()
    take_alert(alert, by=first, at=at)
    with pytest.raises(CloseNotPossible, match="what was done"):
        close_alert(alert, closing=Closing.SAFE_AT_HOME, done="  ", is_reported=None, by=first, at=at)
    close_alert(alert, closing=Closing.SAFE_AT_HOME, done=" Spoke. ", is_reported=True, by=first, at=at)
    assert (alert.state, alert.closing, alert.done, alert.is_reported, alert.closed_by, alert.closed_at) == (
        *(AlertState.CLOSED, Closing.SAFE_AT_HOME, "Spoke.", True, first, at),
    )
    with pytest.raises(AlertAlreadyTaken, match="closed this alert"):
        close_alert(alert, closing=Closing.SAFE_AT_HOME, done="Again.", is_reported=None, by=first, at=at)
    with pytest.raises(AlertAlreadyTaken, match="closed this alert"):
        take_alert(alert, by=first, at=at)


def test_nobody_is_given_up_without_a_call(first: StaffMember, raised: Raised) -> None:
    alert, at = raised(), timezone.now()
    with pytest.raises(CloseNotPossible, match="Write down the call"):
        close_alert(alert, closing=Closing.CANNOT_REACH, done="Gave up.", is_reported=None, by=first, at=at)
    log_call(alert, tried=Tried.TRIED, said="", by=first, at=at, key=uuid.uuid4())
    close_alert(alert, closing=Closing.CANNOT_REACH, done="Asked the police.", is_reported=None, by=first, at=at)
    assert alert.state == AlertState.CLOSED


def test_nothing_is_open_for_another_clinic(world: World, other_world: World) -> None:
    with tenant(other_world.clinic.pk):
        assert not Alert.objects.exists()


def test_closing_an_open_one_cancels_its_steps(world: World, first: StaffMember, raised: Raised) -> None:
    alert = raised()
    close_alert(alert, closing=Closing.NOT_NEEDED, done="A mistake.", is_reported=None, by=first, at=timezone.now())
    assert {state for *_, state in states(world, alert)} == {"CANCELLED"}
