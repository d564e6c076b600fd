"""What the provider says of a page: only forward; and what nobody got brings the next step."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import StaffMember
from aftercare.tenancy import tenant
from alerts.models import Alert, AlertNotice
from alerts.services import hurry_unheard, note_delivery, take_alert
from alerts.states import NoticeState
from tests.alerts.conftest import ago, notices
from tests.world import World
from timeline.levels import Level

pytestmark = pytest.mark.usefixtures("committed")
Raised = Callable[..., Alert]


@pytest.fixture
def sent(world: World, raised: Raised) -> Callable[..., list[AlertNotice]]:
    """sent(minutes=1): an emergency whose first step left to both so long ago; its later steps wait."""

    def make(level: Level = Level.EMERGENCY, *, minutes: float = 0.1) -> list[AlertNotice]:
        alert = raised(level, at=ago(minutes=minutes))
        with tenant(world.clinic.pk):
            rows = AlertNotice.objects.filter(alert=alert, step=0)
            rows.update(state=NoticeState.SENT, sent_at=ago(minutes=minutes), provider_id="SM1")
        return notices(world, alert, step=0)

    return make


def report(notice: AlertNotice, *statuses: str) -> list[bool]:
    return [
        note_delivery(key=str(notice.key), provider_id="SM1", status=status, at=timezone.now()) for status in statuses
    ]


def fresh(world: World, notice: AlertNotice) -> AlertNotice:
    with tenant(world.clinic.pk):
        return AlertNotice.objects.get(pk=notice.pk)


def is_hurried(world: World, notice: AlertNotice, step: int = 1) -> bool:
    later = notices(world, notice.alert_id, step=step, lift=notice.lift)
    waits = {waiting.due_at <= timezone.now() for waiting in later}
    assert len(waits) == 1, "a step comes as a whole"
    return waits.pop()


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        (("sent", "delivered"), "delivered"),
        (("delivered", "sent"), "delivered"),
        (("delivered", "failed"), "delivered"),
        (("undelivered", "sent"), "undelivered"),
        (("undelivered", "delivered"), "delivered"),
        (("delivered", "delivered"), "delivered"),
        (("answered", "completed"), "answered"),
        (("no-answer", "sent"), "no-answer"),
        (("nonsense",), ""),
    ],
)
def test_reports_only_go_forward(
    world: World, sent: Callable[..., list[AlertNotice]], told: tuple[str, ...], kept: str
) -> None:
    notice = sent()[0]
    report(notice, *told)
    assert (fresh(world, notice).report, fresh(world, notice).state) == (kept, NoticeState.SENT)


@pytest.mark.parametrize("status", ["undelivered", "failed"])
def test_what_was_not_delivered_brings_the_next_step_at_once_and_no_further(
    world: World, sent: Callable[..., list[AlertNotice]], status: str
) -> None:
    notice = sent()[0]
    report(notice, status, status, "sent")
    assert is_hurried(world, notice) and not is_hurried(world, notice, step=2)


@pytest.mark.parametrize("status", ["sent", "delivered", "busy", "no-answer"])
def test_other_reports_hurry_nothing(world: World, sent: Callable[..., list[AlertNotice]], status: str) -> None:
    notice = sent()[0]
    report(notice, status)
    assert not is_hurried(world, notice)


def test_a_failure_reported_after_it_was_taken_brings_nothing_back(
    world: World, sent: Callable[..., list[AlertNotice]]
) -> None:
    notice = sent()[0]
    with tenant(world.clinic.pk):
        take_alert(notice.alert, by=world.nurse, at=timezone.now())
    report(notice, "failed")
    assert {each.state for each in notices(world, notice.alert_id, step=1)} == {NoticeState.CANCELLED}
    assert fresh(world, notice).report == "failed"


def test_a_report_proves_that_a_page_was_sent_whose_sender_died(world: World, raised: Raised) -> None:
    notice = notices(world, raised(), step=0)[0]
    report(notice, "delivered")
    assert (fresh(world, notice).state, fresh(world, notice).provider_id) == (NoticeState.SENT, "SM1")


def test_a_busy_number_is_no_proof_that_it_may_rest(world: World, raised: Raised) -> None:
    notice = notices(world, raised(), step=0)[0]
    report(notice, "failed")
    assert fresh(world, notice).state == NoticeState.WAITING


@pytest.mark.parametrize("key", ["", "no-key", "7f9c2a4e-58d1-4b0e-9a63-1d2c3b4a5e6f"])
def test_a_report_on_nothing_of_ours_changes_nothing(sent: Callable[..., list[AlertNotice]], key: str) -> None:
    sent()
    assert not note_delivery(key=key, provider_id="SM999", status="failed", at=timezone.now())
    assert not note_delivery(key=key, provider_id="", status="failed", at=timezone.now())


def test_a_report_without_its_key_is_found_by_the_providers_id(
    world: World, sent: Callable[..., list[AlertNotice]]
) -> None:
    notice = sent(Level.URGENT)[0]
    assert note_delivery(key="", provider_id="SM1", status="delivered", at=timezone.now())
    assert fresh(world, notice).report == "delivered"


@pytest.mark.parametrize(
    ("minutes", "heard", "is_early"),
    [(1.9, "", False), (2.1, "", True), (2.1, "sent", True), (2.1, "no-answer", True), (2.1, "delivered", False)],
)
def test_two_minutes_without_a_receipt_bring_the_next_step(
    world: World, sent: Callable[..., list[AlertNotice]], minutes: float, heard: str, is_early: bool
) -> None:
    notice = sent(minutes=minutes)[0]
    if heard:
        report(notice, heard)
    assert (hurry_unheard() > 0, is_hurried(world, notice)) == (is_early, is_early)
    assert not is_hurried(world, notice, step=2)
    assert hurry_unheard() == 0


def test_a_step_that_reached_one_of_two_is_heard(world: World, sent: Callable[..., list[AlertNotice]]) -> None:
    one, two = sent(minutes=2.5)
    report(two, "delivered")
    assert hurry_unheard() == 0 and not is_hurried(world, one)


def test_a_step_whose_last_page_just_left_is_not_unheard(world: World, sent: Callable[..., list[AlertNotice]]) -> None:
    one, two = sent(minutes=2.5)
    with tenant(world.clinic.pk):
        AlertNotice.objects.filter(pk=two.pk).update(sent_at=ago(seconds=20))
    assert hurry_unheard() == 0 and not is_hurried(world, one)


def test_silence_on_a_taken_alert_hurries_nothing(world: World, sent: Callable[..., list[AlertNotice]]) -> None:
    (notice, _) = sent(minutes=2.5)
    with tenant(world.clinic.pk):
        take_alert(notice.alert, by=world.nurse, at=timezone.now())
    assert hurry_unheard() == 0


def test_another_clinics_report_stays_there(
    world: World, other_world: World, first: StaffMember, sent: Callable[..., list[AlertNotice]]
) -> None:
    notice = sent()[0]
    report(notice, "failed")
    with tenant(other_world.clinic.pk):
        assert not AlertNotice.objects.exists()
    assert is_hurried(world, notice)
    assert notice.due_at < timezone.now() + timedelta(seconds=1)
