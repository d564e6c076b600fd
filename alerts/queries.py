"""What is open, who is on duty, what the patient may read of it, and whether the sender of alerts is alive."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Prefetch

from accounts.models import Clinic, StaffMember
from accounts.states import Role
from alerts.ladder import FIRST, SECOND
from alerts.models import Alert, AlertNotice, CallLog, Heartbeat, OnCallShift
from alerts.states import AlertState, NoticeState, Tried
from prompts.states import Report
from timeline.levels import RED, Level, rank

# Who may take an alert, and so who may be on duty.
MAY_TAKE = (Role.NURSE, Role.CLINICIAN, Role.MANAGER)
# Why a notice went to somebody who is not on the list, or to nobody.
INSTEAD, NOBODY, NOBODY_SECOND = "nobody on duty: a manager", "nobody to tell", "nobody second"
SENDER, LATE_AFTER = "run_alerts", timedelta(seconds=30)
# So long after it was raised, an alert that has told nobody is said to have told nobody.
TOLD_WITHIN = timedelta(seconds=60)
# The provider took it, and says that it reaches nobody.
NEVER_ARRIVES = frozenset({Report.UNDELIVERED, Report.FAILED})


@dataclass(frozen=True, slots=True)
class Duty:
    """Who is told at one moment. `is_fallback`: nobody on the list can be, so it is the managers."""

    first: StaffMember | None
    second: StaffMember | None
    until: datetime | None
    is_fallback: bool


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the patient may read of an alert: only what did happen."""

    level: Level
    sent_at: datetime | None
    seen_by: str
    seen_at: datetime | None
    called_at: datetime | None
    promised_for: datetime | None
    could_not_tell: bool


@dataclass(frozen=True, slots=True)
class Pulse:
    """How long ago the sender of alerts was last alive; None for never."""

    age: timedelta | None
    is_late: bool


def duty_at(clinic: Clinic, at: datetime) -> Duty:
    """Who is on duty, inside the clinic's transaction. Who left, and who has no number, does not count. At most two queries."""
    shifts = (
        OnCallShift.objects.filter(starts_at__lte=at, ends_at__gt=at, staff__is_active=True, staff__role__in=MAY_TAKE)
        .exclude(staff__phone="")
        .select_related("staff")
        .order_by("seat", "starts_at", "added_at")
    )
    if on_list := list(shifts):
        head = on_list[0]
        others = (shift.staff for shift in on_list if shift.seat == SECOND and shift.staff_id != head.staff_id)
        return Duty(head.staff, next(others, None), head.ends_at, is_fallback=False)
    first, second, *_ = [*reachable_managers(clinic), None, None]
    return Duty(first, second, until=None, is_fallback=True)


def reachable_managers(clinic: Clinic) -> list[StaffMember]:
    """Those with a number, always in the same order."""
    managers = StaffMember.objects.filter(clinic=clinic, role=Role.MANAGER, is_active=True)
    return list(managers.exclude(phone="").order_by("name", "pk"))


def recipient(clinic: Clinic, seat: int, at: datetime) -> tuple[StaffMember | None, str]:
    """Who is told in this seat, and why it is them or nobody: "" for the one who is on the list.

    Where there is no second person it is a manager who is not the first.
    """
    duty = duty_at(clinic, at)
    if duty.first is None:
        return None, NOBODY
    if seat == FIRST or duty.second:
        return (duty.first if seat == FIRST else duty.second), INSTEAD if duty.is_fallback else ""
    others = (manager for manager in reachable_managers(clinic) if manager != duty.first)
    second = next(others, None)
    return second, INSTEAD if second else NOBODY_SECOND


def open_alerts() -> list[Alert]:
    """All that are not closed: those that nobody has first, then the worst need, then the oldest. Three queries."""
    notices = AlertNotice.objects.select_related("to_staff").order_by("due_at", "pk")
    calls = CallLog.objects.select_related("by").order_by("at", "pk")
    alerts = (
        Alert.objects.exclude(state=AlertState.CLOSED)
        .select_related("clinic", "patient", "treatment", "taken_by")
        .prefetch_related(Prefetch("notices", notices), Prefetch("calls", calls))
    )
    return sorted(alerts, key=_by_need)


def _by_need(alert: Alert) -> tuple[bool, int, datetime]:
    return alert.state != AlertState.OPEN, -rank(Level(alert.level)), alert.lifted_at


def state_seen(alert: Alert) -> str:
    """What a page that shows the alert was made of: it changes when the alert is raised, and when more is told."""
    return f"{alert.lift}.{len(alert.reasons)}.{len(alert.rules)}"


def receipt_of(alert: Alert, at: datetime) -> Receipt:
    """Of the alert as it is now, and of the notices since it was last raised. At most five queries."""
    notices = [notice for notice in alert.notices.all() if notice.lift == alert.lift]
    calls = [call.at for call in alert.calls.all() if call.tried in (Tried.TRIED, Tried.REACHED)]
    seen_by, seen_at = alert.taken_by or alert.closed_by, alert.taken_at or alert.closed_at
    return Receipt(
        level=Level(alert.level),
        sent_at=min((notice.sent_at for notice in notices if notice.sent_at), default=None),
        seen_by=str(seen_by) if seen_by else "",
        seen_at=seen_at,
        called_at=max(calls, default=None),
        promised_for=alert.promised_for,
        could_not_tell=_could_not_tell(alert, notices, at),
    )


def _could_not_tell(alert: Alert, notices: Sequence[AlertNotice], at: datetime) -> bool:
    may_arrive = any(notice.sent_at and notice.report not in NEVER_ARRIVES for notice in notices)
    if alert.level not in RED or alert.state != AlertState.OPEN or may_arrive:
        return False
    has_failed = any(notice.state == NoticeState.FAILED or notice.report in NEVER_ARRIVES for notice in notices)
    return has_failed or at - alert.lifted_at > TOLD_WITHIN or duty_at(alert.clinic, at).first is None


def pulse(at: datetime) -> Pulse:
    """Of `manage.py run_alerts`. One query, in any transaction: it is of no clinic."""
    beat = Heartbeat.objects.filter(pk=SENDER).first()
    age = max(at - beat.beat_at, timedelta(0)) if beat else None
    return Pulse(age, is_late=age is None or age > LATE_AFTER)
