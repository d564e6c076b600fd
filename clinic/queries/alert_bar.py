"""What stands on every staff page: how many alerts wait, and whether the sender of alerts is alive."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, OuterRef, Subquery

from accounts.models import Clinic
from aftercare.tenancy import current_clinic_id
from alerts.models import Alert, Heartbeat
from alerts.queries import LATE_AFTER, SENDER
from alerts.states import AlertState
from clinic.queries.alert_words import wait_words


@dataclass(frozen=True, slots=True)
class AlertBar:
    """`waiting`: alerts that nobody has. `silent`: for how long nothing was heard of the sender; "" for never."""

    waiting: int = 0
    is_late: bool = False
    silent: str = ""


def alert_bar(at: datetime) -> AlertBar:
    """One small query: it is asked on every page. Late as in alerts.queries.pulse."""
    is_open = Alert.objects.filter(clinic=OuterRef("pk"), state=AlertState.OPEN).order_by().values("clinic")
    asked = Clinic.objects.filter(pk=current_clinic_id()).annotate(
        waiting=Subquery(is_open.annotate(many=Count("pk")).values("many")),
        beat_at=Subquery(Heartbeat.objects.filter(pk=SENDER).values("beat_at")),
    )
    waiting, beat_at = asked.values_list("waiting", "beat_at").get()
    if beat_at is None:
        return AlertBar(waiting or 0, is_late=True)
    is_late = at - beat_at > LATE_AFTER
    return AlertBar(waiting or 0, is_late=is_late, silent=wait_words(at - beat_at) if is_late else "")
