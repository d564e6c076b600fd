"""The rows of an alert and of its notices, as every service here changes them: the alert's lock first, its notices after it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import DateTimeField, ExpressionWrapper, F, Value
from django.db.models.functions import Least, Now

from alerts.ladder import REPEAT, REPEATS_EVERY, steps
from alerts.models import Alert, AlertNotice
from alerts.states import AlertState, NoticeState
from timeline.levels import Level, rank

# What wakes the senders, at the commit.
WAKE = "alerts"
# Added to the need of a first step: in a crowd, who was not told yet comes before who was not heard of yet.
BEFORE_REPEATS = 10


def add_notices(alert: Alert, *, at: datetime, tells_duty: bool = False) -> None:
    """A row for each step of the alert's level, counted from `at`; and the senders are woken when this is committed.

    A web server whose clock is ahead delays nothing: the first step is never later than the database's own now().
    """
    begins = Least(Value(at), Now())
    AlertNotice.objects.bulk_create(
        AlertNotice(
            clinic_id=alert.clinic_id,
            alert=alert,
            lift=alert.lift,
            step=number,
            seat=seat,
            channel=channel,
            need=rank(Level(alert.level)) + (BEFORE_REPEATS if number == 0 else 0),
            due_at=ExpressionWrapper(begins + timedelta(minutes=step.minute), output_field=DateTimeField()),
            state=NoticeState.WAITING,
        )
        for number, step in enumerate(steps(Level(alert.level), tells_duty=tells_duty))
        for seat in step.seats
        for channel in step.channels
    )
    wake_senders()


def keep_climbing(notice: AlertNotice) -> None:
    """After the last rung of a red alert another follows, until somebody has it. In the transaction that ends `notice`.

    The caller holds the alert's lock, and has seen that it is open.
    """
    later = AlertNotice.objects.filter(alert_id=notice.alert_id, lift=notice.lift, step__gt=notice.step)
    if not is_red(notice) or later.exists():
        return
    AlertNotice.objects.bulk_create(
        AlertNotice(
            clinic_id=notice.clinic_id,
            alert_id=notice.alert_id,
            lift=notice.lift,
            step=notice.step + 1,
            seat=seat,
            channel=channel,
            need=notice.need % BEFORE_REPEATS,
            due_at=ExpressionWrapper(Now() + REPEATS_EVERY, output_field=DateTimeField()),
            state=NoticeState.WAITING,
        )
        for seat in REPEAT.seats
        for channel in REPEAT.channels
    )


def is_red(notice: AlertNotice) -> bool:
    """Whether it is of a level that pages people again and again."""
    return notice.need % BEFORE_REPEATS >= rank(Level.URGENT)


def hurry_step(alert: Alert, *, lift: int, step: int) -> bool:
    """Brings one step forward to now, if it still waits for its minute. The caller holds the alert's lock."""
    waiting = AlertNotice.objects.filter(alert=alert, lift=lift, step=step, state=NoticeState.WAITING)
    if is_there := bool(waiting.filter(due_at__gt=Now()).update(due_at=Now())):
        wake_senders()
    return is_there


def wake_senders() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, '')", [WAKE])


def cancel_waiting(alert: Alert, reason: str, *, at: datetime) -> int:
    """No step of this alert leaves any more, in the transaction that moved the alert itself."""
    waiting = AlertNotice.objects.filter(alert=alert)
    return waiting.move(to=NoticeState.CANCELLED, reason=reason, ended_at=at)


def lock_alert(alert_id: Any) -> Alert:
    """The alert comes first, its notices after it: so an acknowledgement and a send have one order."""
    rows = Alert.objects.select_for_update(of=("self",), no_key=True).select_related("clinic")
    alert: Alert = rows.get(pk=alert_id)
    return alert


def reopened(alert: Alert, *, at: datetime, **values: Any) -> None:
    """Open, in nobody's hands, with a lift of its own. The caller holds the alert's lock."""
    mine = Alert.objects.filter(pk=alert.pk)
    mine.move(to=AlertState.OPEN, taken_at=None, taken_by=None, promised_for=None)
    mine.update(lift=F("lift") + 1, lifted_at=at, **values)
    alert.refresh_from_db()
