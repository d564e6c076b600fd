""" "Last time you said": from the second treatment on, what the patient answered at about this hour of the one before."""

from __future__ import annotations

from datetime import timedelta

from checkin.models import Answer
from timeline.models import Treatment

# As near as two check-ins of the same name come, whose visits ran differently.
ABOUT = timedelta(minutes=90)


def usual_answer(treatment: Treatment | None, question: str, *, since_hour_zero: timedelta) -> str:
    """The answer's key, of the last treatment before this one; "" where there is none. One query."""
    if treatment is None or treatment.hour_zero is None:
        return ""
    rows = (
        Answer.objects.filter(
            question=question,
            check_in__patient_id=treatment.patient_id,
            check_in__treatment__hour_zero__lt=treatment.hour_zero,
        )
        .order_by("-check_in__treatment__hour_zero", "-number")
        .values_list("answer", "check_in__began_at", "check_in__treatment__hour_zero")[:40]
    )
    for answer, began_at, hour_zero in rows:
        if hour_zero and abs(began_at - hour_zero - since_hour_zero) <= ABOUT:
            return str(answer)
    return ""
