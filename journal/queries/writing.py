"""Fills the page to write on. It opens nothing: one tap, and the page is there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from accounts.models import Patient
from aftercare.tenancy import as_journal
from journal.queries.waiting import ready_urges
from journal.questions import question_after, questions_for
from timeline.document import QuietHours
from timeline.phases import is_night


@dataclass(frozen=True, slots=True)
class WritePage:
    """`question` stands above the field, "" for none; `next_question` is what "Another" asks; `questions` are all of them.

    `ready`: how many things that were put away for a day are back.
    """

    question: str
    next_question: str
    questions: tuple[str, ...]
    ready: int


def write_page(patient: Patient, *, question: str | None, at: datetime) -> WritePage:
    """`question`: the one that stands there already, "" when none is wanted, None to begin with the first. One query."""
    zone, quiet = ZoneInfo(patient.zone), QuietHours(patient.quiet_starts_at, patient.quiet_ends_at)
    questions = questions_for(is_night=is_night(at, zone, quiet), on=at.astimezone(zone).date())
    question = questions[0] if question is None else question
    with as_journal():
        ready = ready_urges(patient, at)
    return WritePage(question, question_after(question, questions), questions, ready)
