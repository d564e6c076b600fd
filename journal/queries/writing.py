"""Fills the page to write on. It opens nothing: one tap, and the page is there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from accounts.models import Patient
from aftercare.tenancy import as_journal
from journal.models import JournalEntry
from journal.queries.morning import night_of, opens_words, past_visit_day
from journal.queries.waiting import ready_urges
from journal.questions import question_after, questions_for
from timeline.document import QuietHours
from timeline.models import Treatment
from timeline.phases import is_night
from timeline.queries import last_visit


@dataclass(frozen=True, slots=True)
class WritePage:
    """`question` stands above the field, "" for none; `next_question` is what "Another" asks; `questions` are all of them.

    `ready`: how many things that were put away for a day are back. `has_night`: there are words from the night of the last visit
    to look back at; `visit_day` is "Nov 15" once that was not last night.
    """

    question: str
    next_question: str
    questions: tuple[str, ...]
    ready: int
    has_night: bool
    visit_day: str


def write_page(patient: Patient, *, question: str | None, at: datetime) -> WritePage:
    """`question`: the one that stands there already, "" when none is wanted, None to begin with the first. Three queries."""
    zone, quiet = ZoneInfo(patient.zone), QuietHours(patient.quiet_starts_at, patient.quiet_ends_at)
    questions = questions_for(is_night=is_night(at, zone, quiet), on=at.astimezone(zone).date())
    question = questions[0] if question is None else question
    visit = last_visit(patient, at)
    with as_journal():
        ready, has_night = ready_urges(patient, at), _has_night(patient, visit, at)
    visit_day = past_visit_day(visit, patient, at) if visit else ""
    return WritePage(question, question_after(question, questions), questions, ready, has_night, visit_day)


def _has_night(patient: Patient, visit: Treatment | None, at: datetime) -> bool:
    """Not before the morning: then nobody is asked to look back. One query, as the journal's role."""
    if visit is None or opens_words(patient, visit, at):
        return False
    return JournalEntry.objects.filter(night_of(visit), patient=patient).exists()
