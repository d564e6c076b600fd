"""Fills the page to write on. It asks the database nothing: one tap, and the page is there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from accounts.models import Patient
from journal.questions import question_after, questions_for
from timeline.document import QuietHours
from timeline.phases import is_night


@dataclass(frozen=True, slots=True)
class WritePage:
    """`question` stands above the field, "" for none; `next_question` is what "Another" asks; `questions` are all of them."""

    question: str
    next_question: str
    questions: tuple[str, ...]


def write_page(patient: Patient, *, question: str | None, at: datetime) -> WritePage:
    """`question`: the one that stands there already, "" when none is wanted, None to begin with the first. No query."""
    zone, quiet = ZoneInfo(patient.zone), QuietHours(patient.quiet_starts_at, patient.quiet_ends_at)
    questions = questions_for(is_night=is_night(at, zone, quiet), on=at.astimezone(zone).date())
    question = questions[0] if question is None else question
    return WritePage(question, question_after(question, questions), questions)
