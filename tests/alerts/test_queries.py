"""What the board, the patient's receipt and the pulse say, in a fixed number of queries."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import StaffMember
from alerts.models import Alert, AlertNotice, Heartbeat
from alerts.queries import open_alerts, pulse, receipt_of
from alerts.services import beat, close_alert, log_call, raise_alert, take_alert
from alerts.states import Closing, NoticeState, Tried
from prompts.states import Report
from tests.alerts.conftest import ago, cause
from tests.world import World
from timeline.levels import Level

Raised = Callable[..., Alert]


def test_what_nobody_has_comes_first_then_the_worst_then_the_oldest(
    world: World, first: StaffMember, raised: Raised
) -> None:
    taken = take_alert(raised(Level.EMERGENCY, at=ago(minutes=30)), by=first, at=timezone.now())
    today = raised(Level.CALL_TODAY, at=ago(hours=1))
    young, old = raised(Level.URGENT, at=ago(minutes=1)), raised(Level.URGENT, at=ago(minutes=5))
    worst = raised(Level.CRISIS)
    done = raised()
    close_alert(done, closing=Closing.NOT_NEEDED, done="Spoke.", is_reported=None, by=first, at=timezone.now())
    assert open_alerts() == [worst, old, young, today, taken]


@pytest.mark.parametrize("count", [1, 3])
def test_the_board_reads_them_in_three_queries(first: StaffMember, raised: Raised, count: int) -> None:
    for _ in range(count):
        log_call(raised(), tried=Tried.TRIED, said="", by=first, at=timezone.now(), key=uuid.uuid4())
    with CaptureQueriesContext(
        connection,
    ) as queries:
        for alert in open_alerts():
            assert [str(call.by) for call in alert.calls.all()] == ["Ines Ortega"]
            assert alert.patient.first_name and alert.treatment is None and alert.taken_by is None
            assert [notice.to_staff for notice in alert.notices.all()] == [None] * 14
    assert len(queries) == 3


def sent(alert: Alert, at: datetime) -> None:
    AlertNotice.objects.filter(alert=alert, lift=alert.lift, step=0).update(state=NoticeState.SENT, sent_at=at)


def test_a_receipt_says_what_happened_and_no_more(first: StaffMember, raised: Raised) -> None:
    alert, at = raised(at=ago(minutes=5)), timezone.now()
    empty = receipt_of(alert, at)
    assert (empty.level, empty.sent_at, empty.seen_by, empty.seen_at, empty.called_at) == (
        *(Level.EMERGENCY, None, "", None, None),
    )
    sent(alert, ago(minutes=4))
    assert receipt_of(alert, at).sent_at and not receipt_of(alert, at).could_not_tell
    take_alert(alert, by=first, at=at, promised_for=at + timedelta(minutes=9))
    log_call(alert, tried=Tried.OTHER, said="", by=first, at=ago(minutes=3), key=uuid.uuid4())
    assert receipt_of(alert, at).called_at is None
    log_call(alert, tried=Tried.TRIED, said="", by=first, at=at, key=uuid.uuid4())
    full = receipt_of(alert, at)
    assert (full.seen_by, full.seen_at, full.called_at, full.promised_for) == (
        *("Ines Ortega", at, at, at + timedelta(minutes=9)),
    )


def test_nobody_could_be_told_yet_after_a_minute(first: StaffMember, raised: Raised) -> None:
    alert = raised(at=ago(minutes=5))
    assert not receipt_of(alert, alert.lifted_at + timedelta(seconds=60)).could_not_tell
    assert receipt_of(alert, alert.lifted_at + timedelta(seconds=61)).could_not_tell


def test_a_failed_page_is_told_at_once_until_another_was_sent(first: StaffMember, raised: Raised) -> None:
    alert = raised()
    AlertNotice.objects.filter(alert=alert, step=0, seat=0).update(state=NoticeState.FAILED)
    assert receipt_of(alert, timezone.now()).could_not_tell
    AlertNotice.objects.filter(alert=alert, step=0, seat=1).update(state=NoticeState.SENT, sent_at=timezone.now())
    assert not receipt_of(alert, timezone.now()).could_not_tell


@pytest.mark.parametrize("report", [Report.UNDELIVERED, Report.FAILED])
def test_a_page_that_was_sent_and_never_arrives_has_told_nobody(
    first: StaffMember, raised: Raised, report: Report
) -> None:
    alert = raised()
    sent(alert, timezone.now())
    AlertNotice.objects.filter(alert=alert, step=0).update(report=report)
    assert receipt_of(alert, timezone.now()).could_not_tell
    AlertNotice.objects.filter(alert=alert, step=0, seat=1).update(report=Report.DELIVERED)
    assert not receipt_of(alert, timezone.now()).could_not_tell


def test_with_nobody_on_duty_that_is_told_at_once(raised: Raised) -> None:
    assert receipt_of(raised(), timezone.now()).could_not_tell


def test_a_level_that_pages_nobody_never_says_so(raised: Raised) -> None:
    assert not receipt_of(raised(Level.CALL_TODAY, at=ago(minutes=5)), timezone.now()).could_not_tell


def test_who_has_taken_it_was_told(first: StaffMember, raised: Raised) -> None:
    alert = take_alert(raised(at=ago(minutes=5)), by=first, at=timezone.now())
    assert not receipt_of(alert, timezone.now()).could_not_tell


def test_a_worse_answer_begins_its_own_receipt(world: World, first: StaffMember, raised: Raised) -> None:
    alert = raised(Level.URGENT, source="s", at=ago(minutes=5))
    sent(alert, ago(minutes=4))
    worse = raise_alert(cause(world, Level.EMERGENCY, source="s"), at=timezone.now())
    assert receipt_of(worse, timezone.now()).sent_at is None


def test_a_sender_that_never_was_is_late(world: World) -> None:
    assert pulse(timezone.now()).age is None and pulse(timezone.now()).is_late


def test_a_sender_is_late_after_thirty_seconds(world: World) -> None:
    beat("run_alerts")
    beat("run_alerts")
    at = Heartbeat.objects.get().beat_at
    assert not pulse(at + timedelta(seconds=30)).is_late
    assert pulse(at + timedelta(seconds=31)).is_late and pulse(at + timedelta(seconds=31)).age == timedelta(seconds=31)
    assert pulse(at - timedelta(seconds=5)).age == timedelta(0)
