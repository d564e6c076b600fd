"""Raises an alert with all its notices, in the transaction of what it came from; and raises it again, higher."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction

from accounts.models import Clinic, Patient
from accounts.services import record
from alerts.codes import LONG, SHORT, make_alert_code
from alerts.ladder import due_at
from alerts.models import Alert
from alerts.services.rows import add_notices, cancel_waiting, reopened
from alerts.states import AlertState, Cause
from timeline.levels import LEVELS, Level, rank
from timeline.models import Treatment

LIFTED = "lifted"
# Tries of each length before the next: a clinic with so many open alerts that all of them are taken does not exist.
_CODE_LENGTHS = (SHORT,) * 4 + (LONG,) * 12


@dataclass(frozen=True, slots=True)
class AlertCause:
    """What an alert comes from. `source` is the same each time that the same cause is told.

    `tells_duty`: somebody on duty gets a text of it, though it is only for today.
    """

    patient: Patient
    treatment: Treatment | None
    kind: Cause
    source: str
    level: Level
    reasons: tuple[str, ...]
    rules: tuple[str, ...]
    tells_duty: bool = False


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
    add_notices(alert, at=at, tells_duty=cause.tells_duty)
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
                    due_at=_due_at(cause, at),
                )
        except IntegrityError as error:
            if "alert_once_per_source" in str(error):
                raise _ToldMeanwhile from None
            if "alert_code_once_while_open" not in str(error):
                raise
    raise RuntimeError("Every code of an alert is taken.")


def _due_at(cause: AlertCause, at: datetime) -> datetime:
    clinic: Clinic = cause.patient.clinic
    return due_at(cause.level, at, clinic.hours, ZoneInfo(clinic.zone), tells_duty=cause.tells_duty)


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
        due_at=_due_at(cause, at),
        reasons=_joined(cause.reasons, alert.reasons),
        rules=_joined(cause.rules, alert.rules),
        at=at,
    )
    add_notices(alert, at=at)
    facts = {"from": was, "level": cause.level, "rules": list(cause.rules), "had_it": str(had_it or "")}
    record("alert_lifted", on=alert, at=at, by=None, facts=facts)
    return alert


def _joined(first: Iterable[str], then: Iterable[str]) -> list[str]:
    return list(dict.fromkeys([*first, *then]))
