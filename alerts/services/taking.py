"""What a person does with an alert: take it, promise a call, hand it back, write down a call, close it."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from accounts.models import StaffMember
from accounts.services import note_deletion_seen, record
from aftercare.state import AlreadyMoved
from alerts.models import Alert, CallLog
from alerts.queries import state_seen
from alerts.services.rows import add_notices, cancel_waiting, lock_alert, reopened
from alerts.states import AlertState, Cause, Closing, Tried

TAKEN, CLOSED = "taken", "closed"
# A call is promised for tonight, not for some day.
PROMISED_WITHIN = timedelta(hours=12)


class AlertAlreadyTaken(AlreadyMoved):
    """Somebody has the alert, or it is closed."""


class NotYours(Exception):
    """Only the person who has the alert does this."""


class TimeNotPossible(Exception):
    """The promised time is over, or too far away."""


class CloseNotPossible(Exception):
    """Something that closing needs was not said."""


def take_alert(alert: Alert, *, by: StaffMember, at: datetime, promised_for: datetime | None = None) -> Alert:
    """From now on it is this person's, and no later step leaves. Raises AlertAlreadyTaken, TimeNotPossible."""
    if promised_for:
        _check_time(promised_for, at)
    with transaction.atomic():
        mine = Alert.objects.filter(pk=alert.pk)
        if not mine.move(to=AlertState.TAKEN, taken_at=at, taken_by=by, promised_for=promised_for):
            raise _already(Alert.objects.select_related("taken_by", "closed_by").get(pk=alert.pk))
        cancel_waiting(alert, TAKEN, at=at)
        record("alert_taken", on=alert, at=at, by=by, facts={"promised_for": _iso(promised_for)})
    alert.refresh_from_db()
    return alert


def promise_call(alert: Alert, *, promised_for: datetime, by: StaffMember, at: datetime) -> Alert:
    """The patient reads that this person calls by then. Raises NotYours, TimeNotPossible."""
    _check_time(promised_for, at)
    with transaction.atomic():
        locked = lock_alert(alert.pk)
        if locked.state != AlertState.TAKEN or locked.taken_by_id != by.pk:
            raise NotYours("Take this alert first. Only who has it can promise a call.")
        Alert.objects.filter(pk=alert.pk).update(promised_for=promised_for)
        record("call_promised", on=alert, at=at, by=by, facts={"promised_for": _iso(promised_for)})
    alert.refresh_from_db()
    return alert


def hand_back_alert(alert: Alert, *, by: StaffMember, at: datetime) -> Alert:
    """Open again, and everybody on duty is told anew from now on. Raises AlreadyMoved, NotYours.

    A manager may do it for somebody who left it behind.
    """
    with transaction.atomic():
        locked = lock_alert(alert.pk)
        if locked.state != AlertState.TAKEN:
            raise AlreadyMoved("Nobody has this alert now.", happened_at=locked.closed_at or locked.lifted_at)
        if locked.taken_by_id != by.pk and not by.is_manager:
            raise NotYours("Somebody else has this alert.")
        had_it = locked.taken_by_id
        reopened(alert, at=at)
        add_notices(alert, at=at)
        record("alert_handed_back", on=alert, at=at, by=by, facts={"had_it": str(had_it)})
    return alert


def log_call(alert: Alert, *, tried: Tried, said: str, by: StaffMember, at: datetime, key: UUID) -> CallLog:
    """One call, written down once however often the button is tapped: `key` is the form's."""
    with transaction.atomic():
        call, is_new = CallLog.objects.get_or_create(
            clinic_id=alert.clinic_id,
            key=key,
            defaults={"alert": alert, "tried": tried, "said": said.strip(), "by": by, "at": at},
        )
        if is_new:
            record("call_logged", on=alert, at=at, by=by, facts={"tried": tried})
    return call


def close_alert(
    alert: Alert,
    *,
    closing: Closing,
    done: str,
    is_reported: bool | None,
    by: StaffMember,
    at: datetime,
    seen: str | None = None,
) -> Alert:
    """For good, with why and what was done. Raises AlreadyMoved, CloseNotPossible.

    `seen` is the state_seen of the page that it was closed on: what was told since then nobody has read.
    """
    if not done.strip():
        raise CloseNotPossible("Write what was done.")
    if closing == Closing.CANNOT_REACH and not CallLog.objects.filter(alert=alert).exists():
        raise CloseNotPossible("Write down the call that you tried first.")
    values = {"closed_at": at, "closed_by": by, "closing": closing, "done": done.strip(), "is_reported": is_reported}
    with transaction.atomic():
        locked = lock_alert(alert.pk)
        if locked.state != AlertState.CLOSED and seen is not None and seen != state_seen(locked):
            raise CloseNotPossible("The patient has told more since you opened this page. Read it, then close it.")
        if not Alert.objects.filter(pk=alert.pk).move(to=AlertState.CLOSED, **values):
            raise _already(Alert.objects.select_related("taken_by", "closed_by").get(pk=alert.pk))
        cancel_waiting(alert, CLOSED, at=at)
        record("alert_closed", on=alert, at=at, by=by, facts={"closing": closing, "is_reported": is_reported})
        if locked.cause == Cause.DATA:
            note_deletion_seen(locked.patient, by=by, at=at)
    alert.refresh_from_db()
    return alert


def _already(alert: Alert) -> AlertAlreadyTaken:
    if alert.state == AlertState.CLOSED:
        words = f"{alert.closed_by} closed this alert."
        return AlertAlreadyTaken(words, happened_at=alert.closed_at, by=alert.closed_by_id)
    return AlertAlreadyTaken(f"{alert.taken_by} has this alert.", happened_at=alert.taken_at, by=alert.taken_by_id)


def _check_time(promised_for: datetime, at: datetime) -> None:
    if promised_for <= at:
        raise TimeNotPossible("This time has passed. Type a time that is still to come.")
    if promised_for > at + PROMISED_WITHIN:
        raise TimeNotPossible("This is too far away. Type a time within the next 12 hours.")


def _iso(moment: datetime | None) -> str:
    return moment.isoformat() if moment else ""
