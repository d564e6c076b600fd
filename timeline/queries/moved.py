"""Whether the times of a visit moved of late, as staff corrected its hour 0."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from accounts.models import AuditEvent
from timeline.models import Treatment
from timeline.phases import clock_words

# A patient is told of it for so long, where times moved by more than so much (security.md, F21).
TELLS_MOVED, MOVES_LITTLE = timedelta(hours=1), timedelta(minutes=15)


def moved_words(treatment: Treatment, *, zone: ZoneInfo, at: datetime) -> str:
    """ "Your times moved. They now count from 1:30 pm."; "" where they did not. One query after a change of late; else none.

    Of several corrections all together count: what was put back has not moved.
    """
    if treatment.hour_zero is None or treatment.plan_number < 2 or treatment.changed_at <= at - TELLS_MOVED:
        return ""
    corrected = AuditEvent.objects.filter(
        object=str(treatment.pk), action="hour_zero_corrected", at__gt=at - TELLS_MOVED
    )
    was = corrected.order_by("pk").values_list("facts__was_hour_zero", flat=True).first()
    if was is None or abs(treatment.hour_zero - datetime.fromisoformat(was)) <= MOVES_LITTLE:
        return ""
    return f"Your times moved. They now count from {clock_words(treatment.hour_zero, zone=zone, today=at)}."
