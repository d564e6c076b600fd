"""Sends one notice that is due: claimed as the sender, read and begun in its clinic, sent with no transaction open, marked.

At least once: a lease that ends before the mark sends the same key again. The alert is locked while a notice is begun, so an
acknowledgement comes before it, and the notice is not sent, or after it.
"""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection
from django.db.models.functions import Now

from accounts.models import StaffMember
from aftercare.outbox import claim_due
from aftercare.tenancy import as_sender, tenant
from alerts.models import Alert, AlertNotice
from alerts.queries import NOBODY_SECOND, recipient
from alerts.retries import Failed, after_failure, other
from alerts.services.raising import LIFTED
from alerts.services.rows import hurry_step, keep_climbing, lock_alert, wake_senders
from alerts.services.taking import TAKEN
from alerts.states import AlertState, NoticeChannel, NoticeState
from alerts.words import page_call, page_text
from prompts.services import Outcome, Pager, Sending
from prompts.words import Message, plain_message

log = logging.getLogger(__name__)

# By the database's own clock, whatever a host's says, unless a test tells the time.
Moment = datetime | Now
# Longer than any try at the provider, so that nobody else sends what is on its way.
LEASE = timedelta(seconds=15)
# What the provider took is written down even when the database is away for a moment, while the lease lasts.
_MARK_AGAIN_AFTER = (0.5, 1.0, 2.0)


@dataclass(frozen=True, slots=True)
class Claimed:
    """One claimed notice. `tries` is the fence: whoever claims it later has a higher one."""

    id: int
    clinic_id: UUID
    alert_id: UUID
    tries: int


@dataclass(frozen=True, slots=True)
class Letter:
    """A notice that has begun: ready to leave, to the person who is on duty now."""

    notice: Claimed
    kind: Literal["sms", "voice"]
    to: str
    message: Message
    key: UUID


def send_next(pager: Pager, *, at: datetime | None = None) -> bool:
    """Sends the notice that is due and needed most; False when none is due. `at` is for whom and when; None is now.

    Raises OperationalError while the database is away. What was sent and could not be marked is sent again with its key.
    """
    if (claimed := claim()) is None:
        return False
    if letter := begin(claimed, at=at):
        sending = pager.page(kind=letter.kind, to=letter.to, message=letter.message, key=str(letter.key))
        _while_leased(lambda: mark(letter, sending, at=at))
    return True


def claim() -> Claimed | None:
    """The due notice of any clinic that is needed most, leased; None when there is none."""
    with as_sender():
        rows = claim_due(
            AlertNotice,
            waiting=NoticeState.WAITING,
            limit=1,
            lease=LEASE,
            looks_back=None,
            highest_first="need",
            columns=("id", "clinic_id", "alert_id", "tries"),
            made=lambda row: Claimed(*row),
        )
    return rows[0] if rows else None


def begin(claimed: Claimed, *, at: datetime | None = None) -> Letter | None:
    """Who gets it and what it says; None when it does not leave. Opens the clinic's transaction."""
    with tenant(claimed.clinic_id):
        alert = lock_alert(claimed.alert_id)
        notice = _mine(claimed).annotate(now=Now()).first()
        if notice is None:
            return None
        moment = at or notice.now
        if alert.state != AlertState.OPEN or alert.lift != notice.lift:
            _end(claimed, NoticeState.CANCELLED, LIFTED if alert.state == AlertState.OPEN else TAKEN, at=moment)
            return None
        who, reason = recipient(alert.clinic, notice.seat, moment)
        if who is None:
            state = NoticeState.CANCELLED if reason == NOBODY_SECOND else NoticeState.FAILED
            _end(claimed, state, reason, at=moment)
            keep_climbing(notice)
            return None
        # Before it leaves, so that no kill in between ends the ladder.
        keep_climbing(notice)
        return _begun(claimed, notice, alert, who, reason)


def mark(letter: Letter, sending: Sending, *, at: datetime | None = None) -> None:
    """What became of it, and what follows. Opens the clinic's transaction."""
    with tenant(letter.notice.clinic_id):
        moment = at or Now()
        if sending.outcome is Outcome.ACCEPTED:
            _mark_sent(letter, sending, at=moment)
            return
        failed = after_failure(tries=letter.notice.tries, outcome=sending.outcome, retry_after=sending.retry_after)
        log.warning(
            "A page was not taken",
            extra={
                "clinic": letter.notice.clinic_id,
                "count": letter.notice.tries,
                "error": sending.outcome.value,
            },
        )
        _mark_failed(letter, failed, at=moment)


def _mine(claimed: Claimed) -> Any:
    """The row as long as this claim is the last one, and nobody ended it meanwhile."""
    return AlertNotice.objects.filter(pk=claimed.id, state=NoticeState.WAITING, tries=claimed.tries)


def _end(claimed: Claimed, state: NoticeState, reason: str, *, at: Moment) -> None:
    _mine(claimed).move(to=state, reason=reason, ended_at=at)


def _begun(claimed: Claimed, notice: AlertNotice, alert: Alert, who: StaffMember, reason: str) -> Letter:
    """A provider that honours keys would send a key that went to somebody else to nobody: another person, another key."""
    goes_elsewhere = bool(notice.to_number) and notice.to_number != who.phone
    key = uuid.uuid4() if goes_elsewhere else notice.key
    _mine(claimed).update(key=key, to_staff=who, to_number=who.phone, reason=reason, lease_until=Now() + LEASE)
    is_call = notice.channel == NoticeChannel.VOICE
    board = f"{settings.PUBLIC_URL}/staff/alerts/"
    text = page_call(code=alert.code) if is_call else page_text(code=alert.code, board=board)
    message = plain_message(text, sender_name=alert.clinic.sender_name)
    return Letter(claimed, "voice" if is_call else "sms", who.phone, message, key)


def _mark_sent(letter: Letter, sending: Sending, *, at: Moment) -> None:
    values = {"sent_at": at, "provider_id": sending.provider_id}
    row = AlertNotice.objects.filter(pk=letter.notice.id)
    if not row.move(to=NoticeState.SENT, ended_at=at, **values):
        # Taken, lifted or reported while it was on its way: it was sent all the same, and the page says so.
        row.filter(sent_at=None).update(**values)


def _mark_failed(letter: Letter, failed: Failed, *, at: Moment) -> None:
    alert = lock_alert(letter.notice.alert_id)
    notice = _mine(letter.notice).first()
    if notice is None:
        return
    if failed.again_in is None:
        _end(letter.notice, NoticeState.FAILED, failed.reason, at=at)
    else:
        _mine(letter.notice).update(lease_until=Now() + failed.again_in)
    if failed.tries_other_channel:
        _add_other_channel(notice)
    if failed.hurries_next_step:
        hurry_step(alert, lift=notice.lift, step=notice.step + 1)


def _add_other_channel(notice: AlertNotice) -> None:
    """Beside the one that fails, once, and at once. A step that has both already has it."""
    AlertNotice.objects.bulk_create(
        [
            AlertNotice(
                clinic_id=notice.clinic_id,
                alert_id=notice.alert_id,
                lift=notice.lift,
                step=notice.step,
                seat=notice.seat,
                channel=other(NoticeChannel(notice.channel)),
                need=notice.need,
                due_at=Now(),
                state=NoticeState.WAITING,
            )
        ],
        ignore_conflicts=True,
    )
    wake_senders()


def _while_leased(write: Callable[[], None]) -> None:
    for pause in _MARK_AGAIN_AFTER:
        try:
            return write()
        except (OperationalError, InterfaceError):
            connection.close()
            time.sleep(pause)
    return write()
