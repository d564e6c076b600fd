"""A notice that is due leaves once, to who is on duty then, or not at all: on a real PostgreSQL, with a provider that fails."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connections
from django.utils import timezone

from accounts.models import AuditEvent, StaffMember
from accounts.states import Role
from aftercare.tenancy import as_sender, tenant
from alerts.models import Alert, AlertNotice, OnCallShift
from alerts.services import Senders, close_alert, send_next, take_alert
from alerts.services.sending import begin, claim, mark
from alerts.states import AlertState, Closing, NoticeState
from prompts.services import Outcome, Sending
from tests.alerts.conftest import (
    FIRST_NUMBER,
    MANAGER_NUMBER,
    SECOND_NUMBER,
    Desk,
    ago,
    notices,
    on_duty,
    person,
    states,
)
from tests.prompts.conftest import after_statement
from tests.stack import wait_for
from tests.world import World
from timeline.levels import Level

pytestmark = pytest.mark.usefixtures("committed")
Raised = Callable[..., Alert]


def let_the_leases_end(world: World) -> None:
    with tenant(world.clinic.pk):
        AlertNotice.objects.exclude(lease_until=None).update(lease_until=ago(seconds=1))


def test_an_emergency_tells_both_at_once_by_text(
    world: World, desk: Desk, first: StaffMember, second: StaffMember, raised: Raised
) -> None:
    alert = raised()
    assert desk.send_all() == 2
    assert desk.sent_to() == [("sms", FIRST_NUMBER), ("sms", SECOND_NUMBER)]
    text = desk.inbox.messages[0]["body"]
    assert text == (
        f"Cedar Street: Somebody needs you now. Open http://localhost:8000/staff/alerts/ or reply {alert.code} to take it."
    )
    (one, two, *_) = notices(world, alert)
    assert (one.state, one.to_staff, one.to_number, one.provider_id) == (
        *(NoticeState.SENT, first, FIRST_NUMBER),
        next(message["sid"] for message in desk.inbox.messages if message["to"] == FIRST_NUMBER),
    )
    assert two.to_staff == second and one.sent_at and one.reason == ""


def test_the_second_step_rings_both_as_well(
    world: World, desk: Desk, first: StaffMember, second: StaffMember, raised: Raised
) -> None:
    alert = raised(Level.URGENT, at=ago(minutes=6))
    desk.send_all()
    assert desk.sent_to() == [
        *[("sms", FIRST_NUMBER)] * 2,
        ("sms", SECOND_NUMBER),
        ("voice", FIRST_NUMBER),
        ("voice", SECOND_NUMBER),
    ]
    spoken = next(message["body"] for message in desk.inbox.messages if message["kind"] == "voice")
    assert ", ".join(alert.code) in spoken


def test_the_worst_need_leaves_first_then_the_oldest(desk: Desk, first: StaffMember, raised: Raised) -> None:
    codes = [raised(level, at=ago(seconds=age)).code for level, age in ((Level.URGENT, 90), (Level.EMERGENCY, 1))]
    codes.append(raised(Level.EMERGENCY, at=ago(seconds=60)).code)
    desk.send_all()
    left = [next(code for code in codes if code in message["body"]) for message in desk.inbox.messages]
    assert left == [codes[2], codes[1], codes[0]]


def test_who_was_not_told_yet_comes_before_every_repeat(desk: Desk, first: StaffMember, raised: Raised) -> None:
    old = raised(Level.EMERGENCY, at=ago(minutes=7)).code  # three steps are due
    new = raised(Level.URGENT, at=ago(seconds=1)).code
    desk.send_all()
    left = ["new" if new in each["body"] else "old" for each in desk.inbox.messages if each["kind"] == "sms"]
    assert left[: left.index("new") + 1] == ["old", "new"]
    assert left.count("old") > 2 and old != new


def test_nothing_is_sent_before_its_minute(desk: Desk, first: StaffMember, raised: Raised) -> None:
    raised(Level.URGENT, at=ago(minutes=4, seconds=55))
    assert desk.send_all() == 1


def test_nothing_is_sent_for_an_alert_that_is_taken(
    world: World, desk: Desk, first: StaffMember, raised: Raised
) -> None:
    alert = raised()
    with tenant(world.clinic.pk):
        take_alert(alert, by=first, at=timezone.now())
    assert desk.send_all() == 0 and desk.inbox.messages == []
    assert {notice.reason for notice in notices(world, alert)} == {"taken"}


def test_taken_between_the_claim_and_the_send_it_is_not_sent(
    world: World, desk: Desk, first: StaffMember, raised: Raised
) -> None:
    alert = raised(Level.URGENT)
    claimed = claim()
    assert claimed
    with tenant(world.clinic.pk):
        # As if the claim had hidden the row from whoever cancels.
        Alert.objects.filter(pk=alert.pk).move(to=AlertState.TAKEN, taken_at=timezone.now(), taken_by=first)
    assert begin(claimed) is None
    assert states(world, alert, step=0) == [(0, 0, "sms", "CANCELLED")]


def test_an_acknowledgement_waits_for_a_send_that_begins_and_comes_after_it(
    world: World, desk: Desk, first: StaffMember, raised: Raised
) -> None:
    """What was on its way when somebody took the alert was sent: the record says both."""
    alert = raised(Level.URGENT)
    claimed = claim()
    assert claimed
    letter = begin(claimed)
    assert letter
    with tenant(world.clinic.pk):
        take_alert(alert, by=first, at=timezone.now())
    mark(letter, Sending(Outcome.ACCEPTED, provider_id="SM1"))
    (notice,) = notices(world, alert, step=0)
    assert (notice.state, notice.reason, notice.provider_id) == (NoticeState.CANCELLED, "taken", "SM1")
    assert notice.sent_at


def test_who_takes_it_waits_for_a_page_that_is_being_begun(world: World, first: StaffMember, raised: Raised) -> None:
    alert = raised(Level.URGENT)
    claimed = claim()
    assert claimed
    with ThreadPoolExecutor(1) as threads:
        taking: list[Future[None]] = []

        def take_meanwhile() -> None:
            taking.append(threads.submit(take, alert, first))
            with pytest.raises(TimeoutError):
                taking[0].result(0.3)

        with after_statement("FOR NO KEY UPDATE", take_meanwhile):
            assert begin(claimed)
        taking[0].result(5)
    assert {state for *_, state in states(world, alert)} == {"CANCELLED"}


def test_a_page_waits_for_who_is_taking_the_alert_and_does_not_leave(
    world: World, first: StaffMember, raised: Raised
) -> None:
    alert = raised(Level.URGENT)
    claimed = claim()
    assert claimed
    may_commit = threading.Event()
    with ThreadPoolExecutor(2) as threads:
        taking = threads.submit(take, alert, first, may_commit)
        assert wait_for(lambda: is_locked(alert), seconds=5)
        beginning = threads.submit(closing_after, lambda: begin(claimed))
        with pytest.raises(TimeoutError):
            beginning.result(0.3)
        may_commit.set()
        assert beginning.result(5) is None
        taking.result(5)


def take(alert: Alert, by: StaffMember, may_commit: threading.Event | None = None) -> None:
    """On a thread of its own; with `may_commit`, not before that."""

    def act() -> None:
        with tenant(alert.clinic_id):
            take_alert(Alert.objects.get(pk=alert.pk), by=by, at=timezone.now())
            assert may_commit is None or may_commit.wait(5)

    closing_after(act)


def closing_after(act: Callable[[], Any]) -> Any:
    try:
        return act()
    finally:
        connections.close_all()


def is_locked(alert: Alert) -> bool:
    with tenant(alert.clinic_id):
        return not Alert.objects.select_for_update(skip_locked=True).filter(pk=alert.pk).exists()


def test_a_page_that_failed_after_it_was_taken_is_not_tried_again(
    world: World, desk: Desk, first: StaffMember, raised: Raised
) -> None:
    alert = raised(Level.URGENT)
    claimed = claim()
    assert claimed
    letter = begin(claimed)
    assert letter
    with tenant(world.clinic.pk):
        take_alert(alert, by=first, at=timezone.now())
    mark(letter, Sending(Outcome.REFUSED))
    assert {state for *_, state in states(world, alert)} == {"CANCELLED"} and len(states(world, alert)) == 13


def test_two_senders_never_claim_the_same_notice(world: World, first: StaffMember, raised: Raised) -> None:
    raised(Level.URGENT)
    assert claim() and claim() is None


def test_many_senders_at_once_send_each_notice_once(
    world: World, desk: Desk, first: StaffMember, second: StaffMember, raised: Raised
) -> None:
    for _ in range(20):
        raised()

    def send(_: int) -> int:
        try:
            return desk.send_all()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(send, range(8))) == 40
    assert [len(desk.inbox.messages), {each.requests for each in desk.inbox.attempts.values()}] == [40, {1}]


def test_a_sender_that_dies_before_the_mark_sends_again_with_the_same_key_and_it_arrives_once(
    world: World, desk: Desk, first: StaffMember, raised: Raised
) -> None:
    alert = raised(Level.URGENT)
    claimed = claim()
    assert claimed
    letter = begin(claimed)
    assert letter
    desk.pager.page(kind=letter.kind, to=letter.to, message=letter.message, key=str(letter.key))
    assert desk.send_all() == 0  # the lease holds
    let_the_leases_end(world)
    assert desk.send_all() == 1
    assert len(desk.inbox.messages) == 1 and desk.inbox.attempts[str(letter.key)].requests == 2
    assert states(world, alert, step=0) == [(0, 0, "sms", "SENT")]


def test_a_lease_begins_anew_when_the_sending_does(world: World, first: StaffMember, raised: Raised) -> None:
    alert = raised(Level.URGENT)
    claimed = claim()
    with tenant(world.clinic.pk):
        AlertNotice.objects.exclude(lease_until=None).update(lease_until=timezone.now() + timedelta(seconds=1))
    assert claimed and begin(claimed)
    (notice,) = notices(world, alert, step=0)
    assert notice.lease_until and notice.lease_until > timezone.now() + timedelta(seconds=13)


def test_who_lost_the_claim_neither_begins_nor_ends_it(world: World, first: StaffMember, raised: Raised) -> None:
    alert = raised(Level.URGENT)
    slow = claim()
    assert slow
    letter = begin(slow)
    assert letter
    let_the_leases_end(world)
    assert claim() and begin(slow) is None
    mark(letter, Sending(Outcome.REFUSED))
    assert states(world, alert, step=0) == [(0, 0, "sms", "WAITING")]


def test_after_two_failures_the_other_channel_goes_at_once(
    world: World, desk: Desk, first: StaffMember, raised: Raised
) -> None:
    alert = raised(Level.URGENT)
    desk.inbox.answers.extend([{"status": 500}, {"status": 429, "retry_after": 20}])
    assert desk.send_all() == 1
    assert [state for *_, state in states(world, alert, step=0)] == ["WAITING"]
    let_the_leases_end(world)
    assert desk.send_all() == 2
    assert states(world, alert, step=0) == [(0, 0, "sms", "WAITING"), (0, 0, "voice", "SENT")]
    assert desk.sent_to() == [("voice", FIRST_NUMBER)]
    text = notices(world, alert, step=0)[0]
    assert text.lease_until and timedelta(seconds=15) < text.lease_until - timezone.now() < timedelta(seconds=20)
    let_the_leases_end(world)
    desk.send_all()
    assert states(world, alert, step=0) == [(0, 0, "sms", "SENT"), (0, 0, "voice", "SENT")]


def test_a_refused_page_brings_the_other_channel_and_the_next_step_at_once(
    world: World, desk: Desk, first: StaffMember, second: StaffMember, raised: Raised
) -> None:
    alert = raised(Level.URGENT)
    desk.inbox.answers.append({"status": 400})
    desk.send_all()
    assert states(world, alert, step=0) == [(0, 0, "sms", "FAILED"), (0, 0, "voice", "SENT")]
    assert {state for *_, state in states(world, alert, step=1)} == {"SENT"}
    assert {state for *_, state in states(world, alert, step=2)} == {"WAITING"}
    assert notices(world, alert, step=2)[0].due_at > timezone.now() + timedelta(minutes=9)


def test_after_eight_failures_the_next_step_comes_and_the_first_is_not_given_up(
    world: World, desk: Desk, first: StaffMember, raised: Raised
) -> None:
    alert = raised(Level.URGENT)
    with tenant(world.clinic.pk):
        AlertNotice.objects.filter(step=0).update(tries=7)
    desk.inbox.answers.append({"status": 503})
    desk.send_all()
    (text, *_) = notices(world, alert, step=0)
    assert (text.state, text.tries) == (NoticeState.WAITING, 8)
    assert any(notice.sent_at for notice in notices(world, alert, step=1))
    let_the_leases_end(world)
    desk.send_all()
    assert notices(world, alert, step=0)[0].state == NoticeState.SENT


def test_after_the_last_rung_another_follows_until_somebody_has_it(
    world: World, desk: Desk, first: StaffMember, raised: Raised
) -> None:
    alert = raised(Level.URGENT, at=ago(minutes=16))
    desk.send_all()
    waiting = notices(world, alert, state=NoticeState.WAITING)
    assert {(notice.step, notice.seat, notice.channel) for notice in waiting} == {
        (4, seat, channel) for seat in (0, 1) for channel in ("sms", "voice")
    }
    assert all(timedelta(minutes=9) < notice.due_at - timezone.now() <= timedelta(minutes=10) for notice in waiting)
    with tenant(world.clinic.pk):
        AlertNotice.objects.filter(step=4).update(due_at=ago(seconds=1))
    desk.send_all()
    assert {notice.step for notice in notices(world, alert, state=NoticeState.WAITING)} == {5}
    with tenant(world.clinic.pk):
        take_alert(alert, by=first, at=timezone.now())
    assert notices(world, alert, state=NoticeState.WAITING) == []


def test_who_is_told_once_of_silence_is_not_told_again_and_again(
    world: World, desk: Desk, first: StaffMember, raised: Raised
) -> None:
    alert = raised(Level.CALL_TODAY, tells_duty=True)
    assert desk.send_all() == 1
    assert [notice.state for notice in notices(world, alert)] == [NoticeState.SENT]


def test_an_answer_that_nobody_understands_counts_as_not_taken(
    world: World, desk: Desk, first: StaffMember, raised: Raised
) -> None:
    alert = raised(Level.URGENT)
    desk.inbox.answers.append({"status": 500, "accept": True})
    desk.send_all()
    assert states(world, alert, step=0) == [(0, 0, "sms", "WAITING")]
    let_the_leases_end(world)
    desk.send_all()
    assert states(world, alert, step=0) == [(0, 0, "sms", "SENT")] and len(desk.inbox.messages) == 1


@pytest.mark.usefixtures("first")
@pytest.mark.parametrize("is_ended", [False, True], ids=["empty", "ended"])
def test_without_anybody_on_duty_it_reaches_the_manager_and_says_so(
    world: World,
    desk: Desk,
    manager: StaffMember,
    raised: Raised,
    is_ended: bool,
) -> None:
    with tenant(world.clinic.pk):
        shifts = OnCallShift.objects.all()
        _ = shifts.update(ends_at=ago(seconds=1)) if is_ended else shifts.delete()
    alert = raised()
    desk.send_all()
    assert desk.sent_to() == [("sms", MANAGER_NUMBER)]
    one, two = notices(world, alert, step=0)
    assert (one.to_staff, one.reason) == (manager, "nobody on duty: a manager")
    assert (two.state, two.reason) == (NoticeState.CANCELLED, "nobody second")


def test_without_a_second_person_a_manager_is_told_too(
    world: World, desk: Desk, manager: StaffMember, first: StaffMember, raised: Raised
) -> None:
    alert = raised()
    desk.send_all()
    assert desk.sent_to() == [("sms", FIRST_NUMBER), ("sms", MANAGER_NUMBER)]
    assert [notice.reason for notice in notices(world, alert, step=0)] == ["", "nobody on duty: a manager"]


def test_who_is_let_go_between_two_tries_is_not_told_and_the_next_person_gets_a_key_of_their_own(
    world: World, desk: Desk, manager: StaffMember, first: StaffMember, raised: Raised
) -> None:
    """With the first key a provider that honours keys would take it for sent."""
    alert = raised(Level.URGENT)
    desk.inbox.answers.append({"status": 500, "accept": True})
    desk.send_all()
    (before,) = notices(world, alert, step=0)
    StaffMember.objects.filter(pk=first.pk).update(is_active=False)
    let_the_leases_end(world)
    desk.send_all()
    (after,) = notices(world, alert, step=0)
    assert (after.to_staff, after.state) == (manager, NoticeState.SENT) and after.key != before.key
    assert desk.sent_to() == [("sms", FIRST_NUMBER), ("sms", MANAGER_NUMBER)]


def test_with_nobody_to_tell_the_notice_fails_and_says_so(world: World, desk: Desk, raised: Raised) -> None:
    alert = raised(Level.URGENT)
    desk.send_all()
    (notice,) = notices(world, alert, step=0)
    assert (notice.state, notice.reason) == (NoticeState.FAILED, "nobody to tell")
    assert notices(world, alert, step=1)[0].due_at > timezone.now(), "somebody may come on duty until then"


def test_the_change_of_shift_is_read_when_the_notice_leaves(
    world: World, desk: Desk, first: StaffMember, raised: Raised
) -> None:
    raised(Level.URGENT)
    late = person(world, Role.NURSE, "Bo Lund", "+15550100189")
    with tenant(world.clinic.pk):
        OnCallShift.objects.update(ends_at=ago(seconds=1))
        on_duty(world, late)
    desk.send_all()
    assert desk.sent_to() == [("sms", "+15550100189")]


def test_no_page_leaves_while_a_transaction_is_open(
    world: World, desk: Desk, first: StaffMember, raised: Raised
) -> None:
    raised()
    with as_sender(), pytest.raises(RuntimeError, match="transaction"):
        send_next(desk.pager)
    assert desk.inbox.messages == []


@pytest.mark.usefixtures("first")
def test_a_mark_outlives_a_database_that_is_away_for_a_moment(
    world: World, desk: Desk, raised: Raised, monkeypatch: pytest.MonkeyPatch
) -> None:
    alert = raised(Level.URGENT)
    fails = [OperationalError("away")]

    def shaky(*args: Any, **values: Any) -> None:
        if fails:
            raise fails.pop()
        mark(*args, **values)

    monkeypatch.setattr("alerts.services.sending.mark", shaky)
    assert send_next(desk.pager)
    assert states(world, alert, step=0) == [(0, 0, "sms", "SENT")] and len(desk.inbox.messages) == 1


def test_what_breaks_on_one_notice_holds_up_no_other(
    world: World, desk: Desk, first: StaffMember, raised: Raised, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, fine = raised(Level.EMERGENCY), raised(Level.URGENT)

    def text(*, code: str, board: str) -> str:
        if code == broken.code:
            raise KeyError(code)
        return code

    monkeypatch.setattr("alerts.services.sending.page_text", text)
    senders = Senders()
    with ThreadPoolExecutor(1) as threads:
        running = threads.submit(senders.run)
        assert wait_for(lambda: states(world, fine, step=0) == [(0, 0, "sms", "SENT")], seconds=10)
        senders.stop()
        running.result(20)
    assert len(desk.inbox.messages) == 1


def test_a_closed_alert_sends_nothing(world: World, desk: Desk, first: StaffMember, raised: Raised) -> None:
    alert = raised()
    with tenant(world.clinic.pk):
        close_alert(alert, closing=Closing.NOT_NEEDED, done="A mistake.", is_reported=None, by=first, at=timezone.now())
        assert AuditEvent.objects.filter(action="alert_closed").exists()
    assert desk.send_all() == 0
    assert {notice.reason for notice in notices(world, alert)} == {"closed"}
