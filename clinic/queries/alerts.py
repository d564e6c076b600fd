"""The alert board: who waits, who has whom, and which calls are due today."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from accounts.models import Clinic
from accounts.phones import show_phone
from alerts.models import Alert, AlertNotice
from alerts.queries import open_alerts
from alerts.states import AlertState, Closing, NoticeState
from clinic.queries.alert_words import (
    CLOSINGS,
    LevelWords,
    is_promise_late,
    level_words,
    promise_words,
    reasons_of,
    wait_words,
)
from clinic.queries.calls import CallDue, calls_due, phones_of
from clinic.queries.check_ins import answers_of_alert
from clinic.queries.rems import FormDue, forms_due
from clinic.queries.words import hour_words
from timeline.levels import RED
from timeline.phases import clock_words

# So many tries without being sent: the provider does not take it.
TRIED_IN_VAIN = 3
CLOSED_SHOWS, CLOSED_AT_MOST = timedelta(hours=24), 50


@dataclass(frozen=True, slots=True)
class AlertCard:
    """One alert that is not over. `key` changes when it is raised again; `told` says what has left, `is_untold` that nothing did.

    `due` is for what is to be done by a time: a call today, or a call that was promised.
    """

    alert_id: UUID
    key: str
    is_taken: bool
    level: LevelWords
    patient_name: str
    reasons: tuple[str, ...]
    hour: str
    opened: str
    wait: str
    taken: str
    due: str
    is_late: bool
    told: str
    is_untold: bool
    phone: str
    phone_to_call: str


@dataclass(frozen=True, slots=True)
class ClosedLine:
    """One alert that is over."""

    alert_id: UUID
    level: LevelWords
    patient_name: str
    how: str
    when: str
    who: str


@dataclass(frozen=True, slots=True)
class AlertBoard:
    """`mark` changes when anything here does, and each minute. `keys` tells new alerts from those that were there."""

    waiting: tuple[AlertCard, ...]
    taken: tuple[AlertCard, ...]
    closed: tuple[ClosedLine, ...]
    calls: tuple[CallDue, ...]
    forms: tuple[FormDue, ...]
    as_of: str
    keys: str
    mark: str = ""


def alert_board(clinic: Clinic, at: datetime) -> AlertBoard:
    """Everything that is not over, and what was closed in the last 24 hours. As many queries for one as for many."""
    zone, alerts = ZoneInfo(clinic.zone), open_alerts()
    phones = phones_of(alert.patient_id for alert in alerts)
    cards = [alert_card(alert, phones=phones, zone=zone, at=at) for alert in alerts]
    board = AlertBoard(
        waiting=tuple(card for card in cards if not card.is_taken),
        taken=tuple(card for card in cards if card.is_taken),
        closed=_closed(zone, at),
        calls=calls_due(alerts, zone=zone, at=at),
        forms=forms_due(zone=zone, at=at),
        as_of=clock_words(at, zone=zone, today=at),
        keys=" ".join(card.key for card in cards if not card.is_taken),
    )
    return replace(board, mark=hashlib.sha256(repr(board).encode()).hexdigest()[:12])


def alerts_beside(zone: ZoneInfo, at: datetime) -> tuple[tuple[AlertCard, ...], int]:
    """For the board of the day: those that nobody has, and how many somebody has. Four queries."""
    alerts = open_alerts()
    waiting = [alert for alert in alerts if alert.state == AlertState.OPEN]
    phones = phones_of(alert.patient_id for alert in waiting)
    cards = tuple(alert_card(alert, phones=phones, zone=zone, at=at) for alert in waiting)
    return cards, len(alerts) - len(cards)


def answers_of(alert: Alert) -> tuple[str, ...]:
    """What was answered, question by question, for the page of one alert. Three queries at most."""
    return tuple(f"{line.label}: {line.answer}" for line in answers_of_alert(alert))


def alert_card(alert: Alert, *, phones: Mapping[UUID, str], zone: ZoneInfo, at: datetime) -> AlertCard:
    phone, is_taken = phones.get(alert.patient_id, ""), alert.state == AlertState.TAKEN
    told, is_untold = _told(alert, zone=zone, at=at)
    due, is_late = _due(alert, zone=zone, at=at)
    return AlertCard(
        alert_id=alert.pk,
        key=f"{alert.pk}:{alert.lift}",
        is_taken=is_taken,
        level=level_words(alert),
        patient_name=str(alert.patient),
        reasons=reasons_of(alert),
        hour=hour_words(alert.treatment, at) if alert.treatment else "",
        opened=clock_words(alert.opened_at, zone=zone, today=at),
        wait=f"Waits {wait_words(at - alert.opened_at)}",
        taken=taken_words(alert, zone=zone, at=at),
        due=due,
        is_late=is_late,
        told=told,
        is_untold=is_untold,
        phone=show_phone(phone) if phone else "",
        phone_to_call=phone,
    )


def taken_words(alert: Alert, *, zone: ZoneInfo, at: datetime) -> str:
    """ "Dana Reyes, RN, since 4:12 pm"; empty while nobody has it."""
    if alert.taken_at is None:
        return ""
    return f"{alert.taken_by}, since {clock_words(alert.taken_at, zone=zone, today=at)}"


def _due(alert: Alert, *, zone: ZoneInfo, at: datetime) -> tuple[str, bool]:
    if alert.state == AlertState.CLOSED:
        return "", False
    if alert.promised_for:
        return promise_words(alert, zone=zone, at=at), is_promise_late(alert, at)
    if alert.level in RED:
        return "", False
    late = f": {wait_words(at - alert.due_at)} late" if alert.due_at < at else ""
    return f"Call by {clock_words(alert.due_at, zone=zone, today=at)}{late}", bool(late)


def _told(alert: Alert, *, zone: ZoneInfo, at: datetime) -> tuple[str, bool]:
    """What has left since it was raised last, and whether it failed so far. Nobody is paged for a call today."""
    notices: list[AlertNotice] = [notice for notice in alert.notices.all() if notice.lift == alert.lift]
    sent = [notice.sent_at for notice in notices if notice.state == NoticeState.SENT and notice.sent_at]
    if sent:
        many = "1 message" if len(sent) == 1 else f"{len(sent)} messages"
        return f"{many} to the people on duty, last {clock_words(max(sent), zone=zone, today=at)}", False
    if any(notice.state == NoticeState.FAILED or notice.tries >= TRIED_IN_VAIN for notice in notices):
        return "No message got through", True
    return ("The first message is leaving", False) if notices else ("", False)


def _closed(zone: ZoneInfo, at: datetime) -> tuple[ClosedLine, ...]:
    rows = Alert.objects.filter(state=AlertState.CLOSED, closed_at__gt=at - CLOSED_SHOWS)
    newest = rows.select_related("patient", "closed_by").order_by("-closed_at")[:CLOSED_AT_MOST]
    return tuple(
        ClosedLine(
            alert_id=alert.pk,
            level=level_words(alert),
            patient_name=str(alert.patient),
            how=CLOSINGS[Closing(alert.closing)],
            when=clock_words(alert.closed_at, zone=zone, today=at),
            who=str(alert.closed_by),
        )
        for alert in newest
    )
