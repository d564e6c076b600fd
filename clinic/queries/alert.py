"""One alert: what was answered, where the patient is, who was told, and what was done."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Prefetch

from accounts.models import Clinic, Escort, StaffMember
from accounts.phones import show_phone
from alerts.models import Alert, AlertNotice, CallLog
from alerts.queries import state_seen
from alerts.states import AlertState, Cause, Closing, NoticeChannel, NoticeState, Tried
from clinic.queries.alert_words import CLOSINGS, TRIED, cause_words
from clinic.queries.alerts import AlertCard, alert_card, answers_of
from clinic.queries.calls import phones_of
from clinic.queries.replies import ReplyLine, texts_of
from clinic.queries.tonight import Tonight, tonight_card
from clinic.roles import ANSWERS, TREATS
from prompts.states import Report
from timeline.facts import history_labels
from timeline.levels import RED, Level
from timeline.phases import clock_words

_BY = {NoticeChannel.SMS: "Text", NoticeChannel.VOICE: "Call"}
_SEATS = ("First on duty", "Second on duty")
_REPORTED = {True: "Reported to MedWatch or REMS", False: "Not yet reported to MedWatch or REMS", None: ""}
_CANCELLED = {
    "taken": "Not needed: it was taken",
    "closed": "Not needed: it was closed",
    "lifted": "Replaced: the answer got worse",
}
_NOT_YET, _ANSWERED = ("delivery not known yet", "good"), ("answered by a person or a machine", "good")
_REPORTS = {
    "": _NOT_YET,
    Report.SENT: _NOT_YET,
    Report.DELIVERED: ("delivered", "good"),
    Report.ANSWERED: _ANSWERED,
    Report.COMPLETED: _ANSWERED,
    Report.BUSY: ("but the line was busy", "warn"),
    Report.NO_ANSWER: ("but nobody answered", "warn"),
}
_NOT_DELIVERED = ("but not delivered", "urgent")


@dataclass(frozen=True, slots=True)
class Told:
    """What left for somebody on duty in one step, and its fate."""

    how: str
    whom: str
    due: str
    fate: str
    tone: str


@dataclass(frozen=True, slots=True)
class Said:
    """One call to the patient."""

    what: str
    words: str
    who: str
    when: str


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody beside the patient: an escort."""

    name: str
    task: str
    phone: str
    phone_to_call: str


@dataclass(frozen=True, slots=True)
class AlertPage:
    """One alert, ready to read. `history` is None for who does not answer alerts; `may_` says what this person may do.

    `has_weeks`: the weeks of the patient tell what the alert came from, and this person may see them.
    """

    card: AlertCard
    patient_id: UUID
    treatment_id: UUID | None
    cause: str
    has_weeks: bool
    raised_again: str
    rules: tuple[str, ...]
    answers: tuple[str, ...]
    texts: tuple[ReplyLine, ...]
    procedure: str
    protocol: str
    history: tuple[str, ...] | None
    is_history_asked: bool
    tonight: Tonight | None
    escorts: tuple[Contact, ...]
    told: tuple[Told, ...]
    calls: tuple[Said, ...]
    is_closed: bool
    closing: str
    closed: str
    done: str
    reported: str
    is_red: bool
    may_take: bool
    may_promise: bool
    may_hand_back: bool
    may_close: bool
    seen: str


def alert_or_none(alert_id: UUID) -> Alert | None:
    """With all that its page shows. Three queries."""
    notices = AlertNotice.objects.select_related("to_staff").order_by("due_at", "lift", "seat", "pk")
    calls = CallLog.objects.select_related("by").order_by("-at", "-pk")
    return (
        Alert.objects.select_related(
            "patient", "treatment__patient", "treatment__protocol_version__protocol", "taken_by", "closed_by"
        )
        .defer("treatment__protocol_version__content")
        .prefetch_related(Prefetch("notices", notices), Prefetch("calls", calls))
        .filter(pk=alert_id)
        .first()
    )


def alert_page(alert: Alert, *, clinic: Clinic, by: StaffMember, at: datetime) -> AlertPage:
    """Of what alert_or_none found. Two queries, and what answers_of takes; one more for an alert of texts."""
    zone, treatment, closed_at = ZoneInfo(clinic.zone), alert.treatment, alert.closed_at
    is_mine, answers = alert.taken_by_id == by.pk, by.role in ANSWERS
    is_taken, is_closed = alert.state == AlertState.TAKEN, alert.state == AlertState.CLOSED
    return AlertPage(
        card=alert_card(alert, phones=phones_of([alert.patient_id]), zone=zone, at=at),
        patient_id=alert.patient_id,
        treatment_id=alert.treatment_id,
        cause=cause_words(alert),
        has_weeks=alert.cause == Cause.TREND and by.role in TREATS,
        raised_again=clock_words(alert.lifted_at, zone=zone, today=at) if alert.lift else "",
        rules=tuple(str(rule) for rule in alert.rules),
        answers=answers_of(alert) if answers else (),
        texts=texts_of(alert, zone=zone, at=at) if answers else (),
        procedure=clinic.procedures.get(alert.level, ""),
        protocol=treatment.protocol_version.protocol.name if treatment else "",
        history=history_labels(alert.patient.history or ()) if answers else None,
        is_history_asked=alert.patient.history is not None,
        tonight=tonight_card(treatment) if treatment else None,
        escorts=_escorts(alert),
        told=_told(alert, zone=zone, at=at),
        calls=tuple(_said(call, zone=zone, at=at) for call in alert.calls.all()),
        is_closed=is_closed,
        closing=CLOSINGS[Closing(alert.closing)] if alert.closing else "",
        closed=f"{alert.closed_by}, {clock_words(closed_at, zone=zone, today=at)}" if closed_at else "",
        done=alert.done,
        reported=_REPORTED[alert.is_reported],
        is_red=Level(alert.level) in RED,
        may_take=answers and alert.state == AlertState.OPEN,
        may_promise=answers and is_taken and is_mine,
        may_hand_back=answers and is_taken and (is_mine or by.is_manager),
        may_close=answers and not is_closed,
        seen=state_seen(alert),
    )


def _escorts(alert: Alert) -> tuple[Contact, ...]:
    rows = Escort.objects.filter(patient=alert.patient_id, ended_at=None).order_by("-task")
    return tuple(
        Contact(row.name, row.get_task_display(), show_phone(row.phone) if row.phone else "", row.phone) for row in rows
    )


def _told(alert: Alert, *, zone: ZoneInfo, at: datetime) -> tuple[Told, ...]:
    """A text and a call of one step to one person stand in one line where the same became of them."""
    lines: list[Told] = []
    for notice in alert.notices.all():
        line = _line(notice, zone=zone, at=at)
        before = lines[-1] if lines else None
        if before and replace(before, how=line.how) == line:
            lines[-1] = replace(before, how=f"{before.how} and {line.how.lower()}")
        else:
            lines.append(line)
    return tuple(lines)


def _line(notice: AlertNotice, *, zone: ZoneInfo, at: datetime) -> Told:
    fate, tone = _fate(notice, zone=zone, at=at)
    return Told(
        how=_BY[NoticeChannel(notice.channel)],
        whom=str(notice.to_staff) if notice.to_staff else _SEATS[notice.seat],
        due=clock_words(notice.due_at, zone=zone, today=at),
        fate=fate,
        tone=tone,
    )


def _fate(notice: AlertNotice, *, zone: ZoneInfo, at: datetime) -> tuple[str, str]:
    """What became of one message: its words, and the tone of its tag."""
    tries = f", {notice.tries} tries" if notice.tries > 1 else ""
    if notice.state == NoticeState.WAITING:
        if notice.due_at > at and not notice.tries:
            return f"Leaves {clock_words(notice.due_at, zone=zone, today=at)}, if nobody takes it", ""
        return f"Leaving now{tries}", "warn"
    if notice.state == NoticeState.CANCELLED:
        return _CANCELLED.get(notice.reason, "Not needed any more"), ""
    if notice.state == NoticeState.FAILED:
        return f"Not sent{tries}: {notice.reason.replace('_', ' ') or 'reason not known'}", "urgent"
    sent = f"Sent {clock_words(notice.sent_at, zone=zone, today=at) if notice.sent_at else ''}{tries}"
    report, tone = _REPORTS.get(notice.report, _NOT_DELIVERED)
    return f"{sent}, {report}", tone


def _said(call: CallLog, *, zone: ZoneInfo, at: datetime) -> Said:
    return Said(TRIED[Tried(call.tried)], call.said, str(call.by), clock_words(call.at, zone=zone, today=at))
