"""The calls that are due today: those that were promised, those of an alert, and the one after each visit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from accounts.models import Channel
from accounts.phones import show_phone
from accounts.states import ChannelKind
from alerts.models import Alert
from clinic.queries.alert_words import reasons_of
from clinic.queries.contacts import contacts_due, late_words
from timeline.levels import RED
from timeline.phases import clock_words


@dataclass(frozen=True, slots=True)
class CallDue:
    """One call, of an alert or of a visit: the other id is None. `tried` says how often a visit's was tried."""

    due: str
    late: str
    patient_id: UUID
    patient_name: str
    alert_id: UUID | None
    treatment_id: UUID | None
    why: str
    tried: str
    who: str
    phone: str
    phone_to_call: str


@dataclass(frozen=True, slots=True)
class _Call:
    due_at: datetime
    patient_id: UUID
    name: str
    why: str
    alert: Alert | None = None
    treatment_id: UUID | None = None
    who: str = ""
    tried: str = ""


def calls_due(alerts: Sequence[Alert], *, zone: ZoneInfo, at: datetime) -> tuple[CallDue, ...]:
    """By time, those that are late first. `alerts` are all that are not over. Two queries."""
    midnight = at.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    tomorrow = midnight + timedelta(days=1)
    calls = [*_of_alerts(alerts, before=tomorrow), *_after_visits(at=at, before=tomorrow)]
    phones = phones_of(call.patient_id for call in calls)
    return tuple(
        _call_due(call, phones=phones, zone=zone, at=at) for call in sorted(calls, key=lambda call: call.due_at)
    )


def _of_alerts(alerts: Sequence[Alert], *, before: datetime) -> Iterator[_Call]:
    for alert in alerts:
        due_at = alert.promised_for or (None if alert.level in RED else alert.due_at)
        if due_at and due_at < before:
            why = "Call back, promised" if alert.promised_for else "; ".join(reasons_of(alert))
            who = str(alert.taken_by or "")
            yield _Call(due_at, alert.patient_id, str(alert.patient), why, alert=alert, who=who)


def _after_visits(*, at: datetime, before: datetime) -> Iterator[_Call]:
    for due in contacts_due(at=at, before=before):
        name = str(due.patient)
        yield _Call(due.due_at, due.patient.pk, name, due.why, treatment_id=due.treatment_id, tried=due.tried)


def phones_of(patient_ids: Iterable[UUID]) -> dict[UUID, str]:
    """The mobile numbers of these patients, as they are stored. One query."""
    rows = Channel.objects.filter(patient__in=list(patient_ids), kind=ChannelKind.SMS)
    return dict(rows.values_list("patient_id", "address"))


def _call_due(call: _Call, *, phones: Mapping[UUID, str], zone: ZoneInfo, at: datetime) -> CallDue:
    phone = phones.get(call.patient_id, "")
    return CallDue(
        due=clock_words(call.due_at, zone=zone, today=at),
        late=late_words(call.due_at, at=at),
        patient_id=call.patient_id,
        patient_name=call.name,
        alert_id=call.alert.pk if call.alert else None,
        treatment_id=call.treatment_id,
        why=call.why,
        tried=call.tried,
        who=call.who,
        phone=show_phone(phone) if phone else "",
        phone_to_call=phone,
    )
