"""What the provider says later of a page; and what follows when it says that nobody got it, or says nothing."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from aftercare.tenancy import as_sender, tenant
from alerts.models import AlertNotice
from alerts.queries import NEVER_ARRIVES
from alerts.services.rows import hurry_step, lock_alert
from alerts.states import AlertState, NoticeState
from prompts.states import Report

# A page is heard of within this time, or counts as not delivered (docs/security.md, 7.2).
HEARD_WITHIN = timedelta(minutes=2)
ARRIVED = frozenset({Report.DELIVERED, Report.ANSWERED, Report.COMPLETED})
# Only forward: what arrived has arrived, whatever comes late.
_ORDER: dict[str, int] = {
    Report.SENT.value: 1,
    **{report.value: 2 for report in (*NEVER_ARRIVES, Report.BUSY, Report.NO_ANSWER)},
    **{report.value: 3 for report in ARRIVED},
}


def note_delivery(*, key: str, provider_id: str, status: str, at: datetime) -> bool:
    """Writes down a report, if it is of a notice of ours and says more than the last one. Opens the clinic itself.

    Undelivered or failed, with the alert still open: the next step comes at once. True when something was written.
    """
    if status not in _ORDER or (found := _find(key, provider_id)) is None:
        return False
    notice_id, clinic_id, alert_id = found
    with tenant(clinic_id):
        alert = lock_alert(alert_id)
        notice = AlertNotice.objects.get(pk=notice_id)
        if _ORDER.get(notice.report, 0) >= _ORDER[status]:
            return False
        row = AlertNotice.objects.filter(pk=notice_id)
        row.update(report=status, reported_at=at, provider_id=notice.provider_id or provider_id)
        if status in NEVER_ARRIVES:
            if alert.state == AlertState.OPEN and alert.lift == notice.lift:
                hurry_step(alert, lift=notice.lift, step=notice.step + 1)
        else:
            # Whoever sent it did not live to write it down. It need not be sent again.
            row.move(to=NoticeState.SENT, sent_at=at, ended_at=at)
    return True


def hurry_unheard() -> int:
    """Of each step that left two minutes ago and, as far as anybody knows, reached nobody: the next comes now.

    Across clinics. What waits is of an open alert: taking one cancels it. Returns how many notices were brought forward.
    """
    values: dict[str, Any] = {
        "waiting": NoticeState.WAITING,
        "sent": NoticeState.SENT,
        "within": HEARD_WITHIN,
        "arrived": list(ARRIVED),
    }
    with as_sender(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE alerts_alertnotice n SET due_at = now() WHERE n.id IN ("
            "SELECT w.id FROM alerts_alertnotice w WHERE w.state = %(waiting)s AND w.due_at > now() AND EXISTS ("
            "SELECT FROM alerts_alertnotice s WHERE s.alert_id = w.alert_id AND s.lift = w.lift AND s.step = w.step - 1 "
            "AND s.state = %(sent)s AND s.sent_at < now() - %(within)s) AND NOT EXISTS ("
            "SELECT FROM alerts_alertnotice h WHERE h.alert_id = w.alert_id AND h.lift = w.lift AND h.step = w.step - 1 "
            "AND (h.report = ANY(%(arrived)s) OR h.sent_at > now() - %(within)s)) FOR UPDATE SKIP LOCKED)",
            values,
        )
        return int(cursor.rowcount)


def _find(key: str, provider_id: str) -> tuple[int, UUID, UUID] | None:
    """The notice, its clinic and its alert, whosever it is; None for what is none of ours."""
    try:
        names: dict[str, Any] = {"key": UUID(key)} if key else {"provider_id": provider_id}
    except ValueError:
        return None
    if not any(names.values()):
        return None
    with as_sender():
        rows = AlertNotice.objects.filter(**names).values_list("pk", "clinic_id", "alert_id")
        return rows.first()
