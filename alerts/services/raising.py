"""Raises an alert with all its notices, in the transaction of what it came from; and raises it again, higher."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import IntegrityError, connection, transaction
from django.db.models import DateTimeField, ExpressionWrapper, F, Value
from django.db.models.functions import Least, Now

from accounts.models import Clinic, Patient
from accounts.services import record
from alerts.codes import LONG, SHORT, make_alert_code
from alerts.ladder import due_at, steps
from alerts.models import Alert, AlertNotice
from alerts.states import AlertState, Cause, NoticeState
from timeline.levels import LEVELS, Level, rank
from timeline.models import Treatment

# What wakes the senders, at the commit.
WAKE = "alerts"
LIFTED = "lifted"
# Tries of each length before the next: a clinic with so many open alerts that all of them are taken does not exist.
_CODE_LENGTHS = (SHORT,) * 4 + (LONG,) * 12


@dataclass(frozen=True, slots=True)
class AlertCause:
    """What an alert comes from. `source` is the same each time that the same cause is told."""

    patient: Patient
    treatment: Treatment | None
    kind: Cause
    source: str
    level: Level
    reasons: tuple[str, ...]
    rules: tuple[str, ...]


def raise_alert(cause: AlertCause, *, at: datetime) -> Alert:
    """One alert for each source, however often it is told; inside the caller's transaction, in the clinic.

    Told again with a worse level it is raised: open again, with notices of its own. One that was closed and is told with a
    worse level becomes a new one. Raises ValueError for a routine level.
    """
    if cause.level == Level.ROUTINE:
        raise ValueError("A routine answer raises no alert.")
    with transaction.atomic():
        told = _told_before(cause)
        if not told:
            return _opened(cause, source=cause.source, at=at)
        if rank(cause.level) <= max(rank(Level(each.level)) for each in told):
            return _merged(told[-1], cause)
        if told[-1].state == AlertState.CLOSED:
            return _opened(cause, source=f"{cause.source}#{len(told) + 1}", at=at)
        return _lifted(told[-1], cause, at=at)


def add_notices(alert: Alert, *, at: datetime) -> None:
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
            need=rank(Level(alert.level)),
            due_at=ExpressionWrapper(begins + timedelta(minutes=step.minute), output_field=DateTimeField()),
            state=NoticeState.WAITING,
        )
        for number, step in enumerate(steps(Level(alert.level)))
        for seat in step.seats
        for channel in step.channels
    )
    wake_senders()


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


def _told_before(cause: AlertCause) -> list[Alert]:
    """The alerts of this source, the oldest first: the later ones are called "source#2", "source#3", …"""
    # Each later one is of a worse level: there are no more of them than levels.
    names = [cause.source, *(f"{cause.source}#{number}" for number in range(2, len(LEVELS) + 1))]
    found = Alert.objects.select_for_update(no_key=True).filter(source__in=names).order_by("pk")
    return sorted(found, key=lambda alert: names.index(alert.source))


def _opened(cause: AlertCause, *, source: str, at: datetime) -> Alert:
    try:
        alert = _inserted(cause, source=source, at=at)
    except _ToldMeanwhile:
        return raise_alert(cause, at=at)
    add_notices(alert, at=at)
    record("alert_raised", on=alert, at=at, by=None, facts={"level": cause.level, "rules": list(cause.rules)})
    return alert


class _ToldMeanwhile(Exception):
    """Somebody else committed an alert of this source since we looked."""


def _inserted(cause: AlertCause, *, source: str, at: datetime) -> Alert:
    """With a code that no open alert of the clinic has. Raises _ToldMeanwhile."""
    clinic = cause.patient.clinic
    for length in _CODE_LENGTHS:
        try:
            with transaction.atomic():
                return Alert.objects.create(
                    clinic_id=clinic.pk,
                    patient=cause.patient,
                    treatment=cause.treatment,
                    cause=cause.kind,
                    source=source,
                    code=make_alert_code(length),
                    level=cause.level,
                    state=AlertState.OPEN,
                    reasons=list(cause.reasons),
                    rules=list(cause.rules),
                    opened_at=at,
                    lifted_at=at,
                    due_at=_due_at(cause.level, clinic, at),
                )
        except IntegrityError as error:
            if "alert_once_per_source" in str(error):
                raise _ToldMeanwhile from None
            if "alert_code_once_while_open" not in str(error):
                raise
    raise RuntimeError("Every code of an alert is taken.")


def _due_at(level: Level, clinic: Clinic, at: datetime) -> datetime:
    return due_at(level, at, clinic.hours, ZoneInfo(clinic.zone))


def _merged(alert: Alert, cause: AlertCause) -> Alert:
    """Nothing new is due; what is told besides is kept, while somebody may still read it."""
    reasons, rules = _joined(alert.reasons, cause.reasons), _joined(alert.rules, cause.rules)
    if alert.state != AlertState.CLOSED and (reasons, rules) != (alert.reasons, alert.rules):
        alert.reasons, alert.rules = reasons, rules
        alert.save(update_fields=["reasons", "rules"])
    return alert


def _lifted(alert: Alert, cause: AlertCause, *, at: datetime) -> Alert:
    had_it, was = alert.taken_by_id, alert.level
    cancel_waiting(alert, LIFTED, at=at)
    reopened(
        alert,
        level=cause.level,
        due_at=_due_at(cause.level, cause.patient.clinic, at),
        reasons=_joined(cause.reasons, alert.reasons),
        rules=_joined(cause.rules, alert.rules),
        at=at,
    )
    add_notices(alert, at=at)
    facts = {"from": was, "level": cause.level, "rules": list(cause.rules), "had_it": str(had_it or "")}
    record("alert_lifted", on=alert, at=at, by=None, facts=facts)
    return alert


def reopened(alert: Alert, *, at: datetime, **values: Any) -> None:
    """Open, in nobody's hands, with a lift of its own. The caller holds the alert's lock."""
    mine = Alert.objects.filter(pk=alert.pk)
    mine.move(to=AlertState.OPEN, taken_at=None, taken_by=None, promised_for=None)
    mine.update(lift=F("lift") + 1, lifted_at=at, **values)
    alert.refresh_from_db()


def _joined(first: Iterable[str], then: Iterable[str]) -> list[str]:
    return list(dict.fromkeys([*first, *then]))
