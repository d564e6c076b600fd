"""What patients and their escorts texted back, for those who answer alerts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from alerts.models import Alert
from alerts.states import Cause
from prompts.models import Reply
from prompts.states import ReplyKind
from timeline.phases import clock_words

SHOWS_REPLIES = 20
NO_WORDS = "A text without words"


@dataclass(frozen=True, slots=True)
class ReplyLine:
    """One text to us: who sent it when, what it did, and its words where a person has to read them."""

    who: str
    when: str
    what: str
    words: str


_DID = {
    ReplyKind.STOP: "STOP: texts to this number ended",
    ReplyKind.START: "START: asked for texts again",
    ReplyKind.HELP: "HELP: was told whom to call",
    ReplyKind.OTHER: "",
}


def texts_of(alert: Alert, *, zone: ZoneInfo, at: datetime) -> tuple[ReplyLine, ...]:
    """What this alert is about, oldest first; nothing for another cause. One query, none for another cause."""
    if alert.cause != Cause.REPLY:
        return ()
    rows = Reply.objects.filter(
        patient=alert.patient_id, kind__in=(ReplyKind.OTHER, ReplyKind.HELP), at__gte=alert.opened_at
    )
    rows = rows.filter(at__lte=alert.closed_at) if alert.closed_at else rows
    return tuple(_line(row, zone=zone, at=at) for row in rows.select_related("escort").order_by("at", "pk"))


def replies_of(patient_id: UUID, *, since: timedelta, zone: ZoneInfo, at: datetime) -> tuple[ReplyLine, ...]:
    """The last SHOWS_REPLIES, newest first. One query."""
    rows = Reply.objects.filter(patient=patient_id, at__gt=at - since).select_related("escort").order_by("-at", "-pk")
    return tuple(_line(row, zone=zone, at=at) for row in rows[:SHOWS_REPLIES])


def _line(row: Reply, *, zone: ZoneInfo, at: datetime) -> ReplyLine:
    has_words = row.kind == ReplyKind.OTHER
    return ReplyLine(
        who=str(row.escort) if row.escort else "The patient",
        when=clock_words(row.at, zone=zone, today=at),
        what=_DID[ReplyKind(row.kind)],
        words=(row.words.strip() or NO_WORDS) if has_words else "",
    )
