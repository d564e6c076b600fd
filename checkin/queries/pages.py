"""Fills a question page: its words, what was answered before, and which answers are red flags."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from django.urls import reverse

from accounts.models import Patient
from checkin.answers import SCALE
from checkin.flow import closed_answers, next_question, page_number, question_before
from checkin.flow import question_page as read_question
from checkin.models import CheckIn
from checkin.path import DIRECT
from checkin.queries.action import on_call_words
from checkin.queries.asked import Asked, level_of
from checkin.queries.context import answers_of, asks_directly, context_of, rules_of
from checkin.queries.usual import usual_answer
from checkin.states import AnsweredBy
from checkin.triage import Context, triage
from timeline.levels import RED, Level, rank
from timeline.triage_document import Question, Tile, TriageRules


@dataclass(frozen=True, slots=True)
class Paths:
    """Where the pages of one reader are: the patient's own, or those of staff who ask by phone."""

    question: Callable[[UUID, int], str]
    now: Callable[[UUID], str]
    away: str


def own_paths() -> Paths:
    """The patient's."""
    return Paths(
        question=lambda check_in_id, place: reverse("checkin:question", args=[check_in_id, place]),
        now=lambda check_in_id: reverse("checkin:now", args=[check_in_id]),
        away=reverse("timeline:today"),
    )


@dataclass(frozen=True, slots=True)
class TileLine:
    """One answer to tap. `flag` is the level that it has by itself where nobody may wait with it, else "".

    `offline` is then where a phone without a network finds what to do.
    """

    key: str
    text: str
    note: str
    icon: str
    flag: str
    offline: str
    is_picked: bool


@dataclass(frozen=True, slots=True)
class QuestionPage:
    """One question. `key` and `step` are set on the first page alone, which makes the check-in when it is answered.

    `on_call` says there who answers for the clinic. `usual` is what the patient said at this hour of the last treatment.
    `picked` is what stands now, "" before an answer.
    """

    question: Question
    number: int
    address: str
    back: str
    tiles: tuple[TileLine, ...]
    picked: str
    top: str
    bottom: str
    usual: str
    by_escort: bool
    scale: tuple[str, ...] = SCALE
    key: UUID | None = None
    step: str = ""
    check_in_id: UUID | None = None
    on_call: str = ""


def first_page(
    patient: Patient,
    asked: Asked,
    *,
    by: AnsweredBy,
    key: UUID | None,
    at: datetime,
    address: str = "",
    paths: Paths | None = None,
) -> QuestionPage:
    """The page that begins a check-in. Nothing is kept before it is answered."""
    check_in = CheckIn(
        patient=patient,
        treatment=asked.treatment,
        moment=asked.moment,
        step=asked.step,
        answered_by=by,
        asks_directly=asks_directly(asked.moment),
        began_at=at,
    )
    rules = rules_of(asked.treatment, patient.clinic)
    context = context_of(check_in, at=at)
    question = next_question({}, context=context, rules=rules)
    assert question is not None  # a flow has at least one question, or the pack could not be read
    return _page(
        check_in,
        question,
        {},
        context=context,
        rules=rules,
        at=at,
        address=address or reverse("checkin:start"),
        back=(paths or own_paths()).away,
        key=key or uuid4(),
    )


def question_page(
    check_in: CheckIn,
    place: int,
    *,
    at: datetime,
    paths: Paths | None = None,
    is_answered: bool = False,
    asked: str = "",
) -> QuestionPage | None:
    """The page of the question at this place of the rules; None for one that is not open in this check-in.

    `is_answered`: somebody answers it now. An emergency asks no more questions, but what is said all the same is taken.
    `asked`: what the page of the answer asked. Other rules may have another question at this place meanwhile.
    """
    rules = rules_of(check_in.treatment, check_in.patient.clinic)
    context, answers = context_of(check_in, at=at), answers_of(check_in)
    name = rules.key_at(place)
    path = {name: "", **answers} if is_answered else answers
    if not name or asked not in {"", name} or not page_number(path, name, context=context, rules=rules):
        return None
    question = read_question(name, context=context, rules=rules)
    before = question_before(path, name, context=context, rules=rules)
    paths = paths or own_paths()
    back = paths.question(check_in.pk, rules.place_of(before.key)) if before else paths.away
    address = paths.question(check_in.pk, place)
    return _page(check_in, question, path, context=context, rules=rules, at=at, address=address, back=back)


def _page(
    check_in: CheckIn,
    question: Question,
    answers: dict[str, str],
    *,
    context: Context,
    rules: TriageRules,
    at: datetime,
    address: str,
    back: str,
    key: UUID | None = None,
) -> QuestionPage:
    picked = answers.get(question.key, "")
    top, _, bottom = picked.partition("/") if question.kind == "blood_pressure" else ("", "", "")
    flags = _flags(question, answers, context=context, rules=rules)
    return QuestionPage(
        question=question,
        number=page_number(answers, question.key, context=context, rules=rules),
        address=address,
        back=back,
        tiles=tuple(_tile(tile, level=flags.get(tile.key), is_picked=tile.key == picked) for tile in question.tiles),
        picked=picked,
        top=top,
        bottom=bottom,
        usual="" if key is None and picked else _usual(check_in, question, at=at),
        by_escort=check_in.answered_by == AnsweredBy.ESCORT,
        key=key,
        step=check_in.step if key else "",
        check_in_id=None if key else check_in.pk,
        on_call=on_call_words(check_in.patient, at) if key else "",
    )


def _tile(tile: Tile, *, level: Level | None, is_picked: bool) -> TileLine:
    offline = reverse("checkin:offline", args=[rank(level)]) if level else ""
    return TileLine(tile.key, tile.text, tile.note, tile.icon, level or "", offline, is_picked)


def _flags(question: Question, answers: dict[str, str], *, context: Context, rules: TriageRules) -> dict[str, Level]:
    """The level of each answer that is a red flag, for a phone without a network: it then shows the action at once."""
    levels = {}
    for tile in question.tiles:
        tried = closed_answers({**answers, question.key: tile.key}, context=context, rules=rules)
        levels[tile.key] = triage(tried, context=context, rules=rules).level
    return {key: level for key, level in levels.items() if level in RED}


def _usual(check_in: CheckIn, question: Question, *, at: datetime) -> str:
    hour_zero = check_in.treatment.hour_zero if check_in.treatment else None
    # What somebody once said to the direct question is not held up to them.
    if hour_zero is None or question.key == DIRECT:
        return ""
    said = usual_answer(check_in.treatment, question.key, since_hour_zero=at - hour_zero)
    tile = next((tile for tile in question.tiles if tile.key == said), None)
    return tile.text if tile else ""


def next_address(
    check_in: CheckIn, *, at: datetime, is_worse: bool = False, answered: str = "", paths: Paths | None = None
) -> str:
    """Where a check-in goes on: its next question, or what to do now when it `is_worse` than it was, or is over."""
    rules = rules_of(check_in.treatment, check_in.patient.clinic)
    question = next_question(answers_of(check_in), context=context_of(check_in, at=at), rules=rules)
    acts_first = (is_worse or answered == DIRECT) and level_of(check_in) in RED
    if question is None or (acts_first and question.key != DIRECT):
        return (paths or own_paths()).now(check_in.pk)
    return (paths or own_paths()).question(check_in.pk, rules.place_of(question.key))
