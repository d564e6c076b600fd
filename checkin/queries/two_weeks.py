"""Fills the pages of the two-week questions, before a visit and after: what is due, and what to do at once for item 9."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from django.db.models import Max
from django.urls import reverse

from accounts.models import Patient
from checkin.models import Questionnaire
from checkin.queries.action import ActionPage, offline_page, on_call_words, told_of
from checkin.queries.logs import hour_zeros_of
from checkin.queries.raised import questionnaire_alerts
from checkin.questionnaires import (
    BASELINE_FROM,
    CREDIT,
    FULL,
    INSTRUMENTS,
    SHORT,
    Instrument,
    Kind,
    next_due_at,
    which_due,
)
from checkin.trends import SITTING
from timeline.levels import Level
from timeline.models import Treatment
from timeline.phases import day_words, visit_words
from timeline.queries import PartPlace, part_place
from timeline.states import AT_CLINIC, UNDER_WAY, TreatmentState

# What is read out on the phone, in the words of somebody who answered a question about two weeks.
_SAY = "I had thoughts of being dead, or of hurting myself. I would like to talk to someone now."


@dataclass(frozen=True, slots=True)
class Ways:
    """Where the pages of one reader are: names of their addresses. `away` is where somebody goes who leaves them."""

    intro: str
    questions: str
    help_now: str
    away: str
    back: str
    leave: str


BEFORE_VISIT = Ways(
    intro="checkin:baseline",
    questions="checkin:questions",
    help_now="checkin:help_now",
    away="timeline:set_up",
    back="Before your visit",
    leave="Back to the set-up",
)
AFTER_VISIT = Ways(
    intro="checkin:two_weeks",
    questions="checkin:later_questions",
    help_now="checkin:later_help_now",
    away="timeline:today",
    back="Your day",
    leave="Back to my day",
)


@dataclass(frozen=True, slots=True)
class BaselinePage:
    """The introduction before a visit.

    `stage`: "due", "early" (then `opens` says from when), "answered", or "rests" (not now).
    """

    part: PartPlace
    stage: str
    begin: str
    opens: str


@dataclass(frozen=True, slots=True)
class TwoWeeksPage:
    """The introduction in the weeks after. `begin` is "" when nothing is due; `next_on` then says when, "" for nobody knows.

    `has_answered`: within the last day, so that the page is the end of it.
    """

    begin: str
    next_on: str
    has_answered: bool
    is_short: bool


@dataclass(frozen=True, slots=True)
class QuestionsPage:
    """One questionnaire on one page. `key` is new with each page, so that a second tap is the first.

    `act` is what to do before anything else, when an answer that came with others missing asks for it.
    """

    part: int
    instrument: Instrument
    key: UUID
    ways: Ways
    credit: str = CREDIT
    act: ActionPage | None = None


def due_now(patient: Patient, at: datetime) -> tuple[Kind, ...]:
    """What may be asked of this patient: nothing while a treatment goes on. Two queries."""
    visits = Treatment.objects.filter(patient=patient).values_list("hour_zero", "state", "planned_for")
    if any(state in AT_CLINIC or (state in UNDER_WAY and hour_zero is None) for hour_zero, state, _ in visits):
        return ()
    hour_zeros = [hour_zero for hour_zero, _, _ in visits if hour_zero]
    planned = [planned_for for _, state, planned_for in visits if state == TreatmentState.PLANNED]
    return which_due(
        first_visit_at=min(planned, default=None), hour_zeros=hour_zeros, answered=_answered(patient), at=at
    )


def _answered(patient: Patient) -> dict[str, datetime]:
    """Of each kind, when it was last answered."""
    return dict(Questionnaire.objects.filter(patient=patient).values_list("kind").annotate(Max("answered_at")))


def two_weeks_page(patient: Patient, at: datetime) -> TwoWeeksPage:
    """At most four queries."""
    due, answered = due_now(patient, at), _answered(patient)
    next_at = None if due else next_due_at(hour_zeros=hour_zeros_of(patient), answered=answered, at=at)
    return TwoWeeksPage(
        begin=next_part(due, AFTER_VISIT),
        next_on=_day_of(next_at, patient, at) if next_at else "",
        has_answered=any(at - when < SITTING for when in answered.values()),
        is_short=bool(due) and not set(due) & set(FULL),
    )


def _day_of(moment: datetime, patient: Patient, at: datetime) -> str:
    zone = ZoneInfo(patient.zone)
    return day_words(moment.astimezone(zone).date(), seen_from=at.astimezone(zone).date()) or "later today"


def baseline_page(patient: Patient, visit: Treatment, at: datetime) -> BaselinePage:
    """At most four queries."""
    due = due_now(patient, at)
    opens_at = visit.planned_for - BASELINE_FROM
    stage = "due" if due else "early" if at < opens_at else _answered_or_rests(visit)
    return BaselinePage(
        part=part_place(visit, "feeling"),
        stage=stage,
        begin=next_part(due, BEFORE_VISIT),
        opens=visit_words(opens_at, zone=ZoneInfo(patient.zone), today=at) if stage == "early" else "",
    )


def _answered_or_rests(visit: Treatment) -> str:
    return "answered" if visit.questionnaires.exists() else "rests"


def part_of(kind: Kind) -> int:
    """The page of a questionnaire: 1 for the PHQs, 2 for the GADs. An address tells neither."""
    return 1 + next(number for number, full in enumerate(FULL) if kind in {full, SHORT[full]})


def next_part(due: tuple[Kind, ...], ways: Ways) -> str:
    """The address of the first page that is due; "" when none is."""
    return reverse(ways.questions, args=[part_of(due[0])]) if due else ""


def questions_page(patient: Patient, part: int, at: datetime, *, ways: Ways, sent: str = "") -> QuestionsPage | None:
    """None when nothing of this part is due. `sent`: the questionnaire that somebody sends now is always taken."""
    instrument = INSTRUMENTS.get(sent)
    if instrument is None:
        kind = next((kind for kind in due_now(patient, at) if part_of(kind) == part), None)
        instrument = INSTRUMENTS[kind] if kind else None
    return QuestionsPage(part, instrument, uuid4(), ways) if instrument else None


@dataclass(frozen=True, slots=True)
class HelpNowPage:
    """What to do now. `goes_on` is the address of the questions that are left, "" for none. `mark` changes with it all."""

    key: UUID
    ways: Ways
    act: ActionPage
    goes_on: str
    mark: str = ""


def help_now_page(key: UUID, patient: Patient, at: datetime, *, ways: Ways) -> HelpNowPage | None:
    """None when no answer of this page of questions asked for it."""
    act = help_now_act(key, patient, at)
    if act.told is None:
        return None
    page = HelpNowPage(key=key, ways=ways, act=act, goes_on=next_part(due_now(patient, at), ways))
    return replace(page, mark=hashlib.sha256(repr(page).encode()).hexdigest()[:12])


def help_now_act(key: UUID, patient: Patient, at: datetime) -> ActionPage:
    act = offline_page(patient, Level.CRISIS, at=at)
    alert = questionnaire_alerts(patient, key).select_related("taken_by").first()
    words = replace(act.words, say=_SAY)
    return replace(act, words=words, told=told_of(alert, patient, at), on_call=on_call_words(patient, at))
