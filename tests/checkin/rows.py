"""Check-ins that were, for tests of what comes after."""

from __future__ import annotations

from uuid import uuid4

from accounts.models import Patient
from checkin.models import CheckIn
from checkin.services import begin_check_in, give_answer
from checkin.states import AnsweredBy, Moment
from tests.world import HOUR_ZERO


def make_check_in(owner: Patient) -> CheckIn:
    """One that staff took by phone, and that is the patient's all the same."""
    check_in = begin_check_in(
        owner,
        key=uuid4(),
        treatment=None,
        moment=Moment.NOW,
        step="",
        answered_by=AnsweredBy.STAFF,
        answered_at=HOUR_ZERO,
        at=HOUR_ZERO,
    )
    give_answer(check_in, question="any_now", answer="none", answered_at=HOUR_ZERO, at=HOUR_ZERO)
    return check_in
