"""A check-in of the demo that ended in an alert: whoever was with the patient answered."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

from checkin.models import Answer
from checkin.services import begin_check_in, give_answer
from checkin.states import AnsweredBy, Moment
from timeline.models import Treatment

_SAID = {
    "any_now": "none",
    "clear": "clear",
    "stomach": "fine",
    "head": "ache",
    "pain": "8",
    "head_signs": "no",
    "pills": "no_help",
    "head_long": "no",
}
_LAST, _SAID_LAST = "bp", "136/84"


def answer_for(visit: Treatment, *, at: datetime) -> None:
    """A bad headache that a pill did not ease, with what the rules make of it. All but the last answer in one statement:
    the demo begins anew at each start."""
    check_in = begin_check_in(
        visit.patient,
        key=uuid4(),
        treatment=visit,
        moment=Moment.NOW,
        step="",
        answered_by=AnsweredBy.ESCORT,
        answered_at=at,
        at=at,
    )
    shared = {"clinic_id": visit.clinic_id, "check_in": check_in, "answered_at": at, "arrived_at": at}
    Answer.objects.bulk_create(
        Answer(number=number, question=question, answer=answer, **shared)
        for number, (question, answer) in enumerate(_SAID.items(), start=1)
    )
    give_answer(check_in, question=_LAST, answer=_SAID_LAST, answered_at=at, at=at)
