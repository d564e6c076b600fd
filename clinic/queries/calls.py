"""The calls that are due today: those that were promised, those of an alert, and the one after 24 hours."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from accounts.models import Channel
from accounts.phones import show_phone
from accounts.states import ChannelKind
from alerts.models import Alert
from clinic.queries.alert_words import reasons_of, wait_words
from timeline.levels import RED
from timeline.models import Treatment
from timeline.phases import HOURS, clock_words
from timeline.states import TreatmentState

# A visit that ended badly has no plan any more: staff decide whom to call.
_HAS_24_HOURS = (TreatmentState.IN_TREATMENT, TreatmentState.RECOVERING, TreatmentState.DISCHARGED)


@dataclass(frozen=True, slots=True)
class CallDue:
    """One call. `alert_id` is None for the one after 24 hours, which belongs to a visit."""

    due: str
    late: str
    patient_id: UUID
    patient_name: str
    alert_id: UUID | None
    why: str
    who: str
    phone: str
    phone_to_call: str


@dataclass(frozen=True, slots=True)
class _Call:
    due_at: datetime
    patient_id: UUID
    name: str
    alert: Alert | None
    why: str
    who: str


def calls_due(alerts: Sequence[Alert], *, zone: ZoneInfo, at: datetime) -> tuple[CallDue, ...]:
    """By time, those that are late first. `alerts` are all that are not over. Two queries."""
    midnight = at.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    tomorrow = midnight + timedelta(days=1)
    calls = [*_of_alerts(alerts, before=tomorrow), *_after_24_hours(midnight, tomorrow)]
    phones = phones_of(call.patient_id for call in calls)
    return tuple(
        _call_due(call, phones=phones, zone=zone, at=at) for call in sorted(calls, key=lambda call: call.due_at)
    )


def _of_alerts(alerts: Sequence[Alert], *, before: datetime) -> Iterator[_Call]:
    for alert in alerts:
        due_at = alert.promised_for or (None if alert.level in RED else alert.due_at)
        if due_at and due_at < before:
            why = "Call back, promised" if alert.promised_for else "; ".join(reasons_of(alert))
            yield _Call(due_at, alert.patient_id, str(alert.patient), alert, why, str(alert.taken_by or ""))


def _after_24_hours(midnight: datetime, tomorrow: datetime) -> Iterator[_Call]:
    day = timedelta(hours=HOURS)
    first, end = (moment.astimezone(UTC) - day for moment in (midnight, tomorrow))
    rows = Treatment.objects.filter(hour_zero__gte=first, hour_zero__lt=end, state__in=_HAS_24_HOURS)
    for treatment in rows.select_related("patient"):
        if treatment.hour_zero:
            name = str(treatment.patient)
            yield _Call(treatment.hour_zero + day, treatment.patient_id, name, None, "24 hours are over", "")


def phones_of(patient_ids: Iterable[UUID]) -> dict[UUID, str]:
    """The mobile numbers of these patients, as they are stored. One query."""
    rows = Channel.objects.filter(patient__in=list(patient_ids), kind=ChannelKind.SMS)
    return dict(rows.values_list("patient_id", "address"))


def _call_due(call: _Call, *, phones: Mapping[UUID, str], zone: ZoneInfo, at: datetime) -> CallDue:
    phone = phones.get(call.patient_id, "")
    # Nobody ticks the call after 24 hours off, so that none is called late.
    is_late = call.alert is not None and call.due_at < at
    return CallDue(
        due=clock_words(call.due_at, zone=zone, today=at),
        late=f"{wait_words(at - call.due_at)} late" if is_late else "",
        patient_id=call.patient_id,
        patient_name=call.name,
        alert_id=call.alert.pk if call.alert else None,
        why=call.why,
        who=call.who,
        phone=show_phone(phone) if phone else "",
        phone_to_call=phone,
    )
