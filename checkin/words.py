"""What the page says: the act first, whom to call, and words to read out. All of it is data of the pack, put together here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from checkin.answers import reading_of
from checkin.conditions import AnsweredBy
from checkin.flow import gaps_of
from checkin.triage import Triage, level_alone
from timeline.levels import RED, Level, rank
from timeline.triage_document import ActWords, QuestionRule, TileRule, TriageRules

MOST_LINES, MOST_TIPS, MOST_SAID = 5, 4, 3
LOCAL_EMERGENCY = "your local emergency number"
INTRODUCTION = {
    "patient": "I had a treatment at a clinic.",
    "staff": "I had a treatment at a clinic.",
    "escort": "I am with someone who had a treatment at a clinic.",
}


@dataclass(frozen=True, slots=True)
class ActionNumbers:
    """Numbers to show. Each may be "". `clinic_phone` is dialled, `clinic_display` read.

    `is_reachable` is False when the clinic's number is unset, or it is closed without a line for after hours. `poison`
    is for countries that have such a line.
    """

    emergency: str
    crisis_name: str = ""
    crisis_call: str = ""
    crisis_text: str = ""
    clinic_phone: str = ""
    clinic_display: str = ""
    is_reachable: bool = False
    poison: str = ""

    @property
    def has_clinic(self) -> bool:
        return self.is_reachable and bool(self.clinic_phone)

    @property
    def has_crisis_line(self) -> bool:
        return bool(self.crisis_call or self.crisis_text)


@dataclass(frozen=True, slots=True)
class Call:
    """A button: `kind` is the scheme of its link, `number` what is dialled; the label holds the digits as text."""

    kind: Literal["tel", "sms"]
    number: str
    label: str


@dataclass(frozen=True, slots=True)
class ActionWords:
    """The page. `say` is "" where there is nothing to read out; `ask`: whether "Ask for a call back" is offered."""

    level: Level
    heading: str
    lines: tuple[str, ...]
    calls: tuple[Call, ...]
    say: str
    ask: bool
    tips: tuple[str, ...]


# After "No" to the direct question that a low day of the log has opened: what is usual on the day of a treatment is no answer.
_AFTER_LOW_DAY = (
    "It is good that you said so",
    (
        "A low day can weigh a lot. You do not have to carry it alone.",
        "Does it get darker? Tap “Get help”, at any hour.",
    ),
)


@dataclass(frozen=True, slots=True)
class AnswerLine:
    """An answer for staff. `is_bad`: by itself it asks for more than rest."""

    label: str
    answer: str
    is_bad: bool


def action_words(
    triage: Triage,
    answers: Mapping[str, str],
    *,
    rules: TriageRules,
    numbers: ActionNumbers,
    answered_by: AnsweredBy,
) -> ActionWords:
    """What to do now, in the words of whoever reads. Nothing here says that anybody watches, or will call."""
    level = triage.level
    if level == Level.CRISIS and not numbers.has_crisis_line:
        level = Level.EMERGENCY
    act = next(each for each in rules.acts if each.level == level)
    gaps = {**gaps_of(rules), "emergency": numbers.emergency or LOCAL_EMERGENCY, "crisis": _crisis_act(numbers)}
    is_closed = bool(act.closed_heading) and not numbers.has_clinic
    is_escort = answered_by == "escort"
    first = _first_lines(triage, rules, is_escort=is_escort)
    lines = (*first, *_lines(act, is_closed=is_closed, is_escort=is_escort))
    return ActionWords(
        level=triage.level,
        heading=_filled(act.closed_heading if is_closed else act.heading, gaps),
        lines=tuple(_filled(line, gaps) for line in lines[:MOST_LINES]),
        calls=_calls(level, triage, numbers),
        say=_say(triage, answers, rules=rules, answered_by=answered_by),
        ask=level not in RED,
        tips=() if level in RED else tuple(_filled(tip, gaps) for tip in (*triage.tips[: MOST_TIPS - 1], *act.tips)),
    )


def after_low_day(words: ActionWords) -> ActionWords:
    """The words of a routine answer, for a day of the weeks after."""
    heading, lines = _AFTER_LOW_DAY
    return replace(words, heading=heading, lines=lines, tips=())


def answer_lines(answers: Mapping[str, str], *, rules: TriageRules) -> tuple[AnswerLine, ...]:
    """The answers in the order of the pages, in the patient's words. What this version does not know is left out."""
    gaps = gaps_of(rules)
    asked = [question for question in rules.questions if question.key in answers]
    return tuple(
        AnswerLine(
            label=question.label,
            answer=_answer_text(question, answers[question.key], gaps),
            is_bad=rank(level_alone(question.key, answers[question.key], rules=rules)) > 0,
        )
        for question in asked
    )


def _first_lines(triage: Triage, rules: TriageRules, *, is_escort: bool) -> tuple[str, ...]:
    """The one act of the worst rule; and kind words first where somebody may die by their own hand."""
    crisis = next(each for each in rules.acts if each.level == Level.CRISIS)
    kind = _lines(crisis, is_closed=False, is_escort=is_escort)[:1] if triage.has_crisis else ()
    return (*(kind if triage.level == Level.EMERGENCY else ()), *(triage.tips[:1] if triage.level in RED else ()))


def _lines(act: ActWords, *, is_closed: bool, is_escort: bool) -> tuple[str, ...]:
    if is_closed:
        return (is_escort and act.closed_escort_lines) or act.closed_lines
    return (is_escort and act.escort_lines) or act.lines


def _filled(text: str, gaps: Mapping[str, str]) -> str:
    filled = text.format_map(gaps)
    return filled[:1].upper() + filled[1:]


def _crisis_act(numbers: ActionNumbers) -> str:
    """call or text 988; "" without a line."""
    call, text = numbers.crisis_call, numbers.crisis_text
    if call and call == text:
        return f"call or text {call}"
    return " or ".join(filter(None, (call and f"call {call}", text and f"text {text}")))


def _calls(level: Level, triage: Triage, numbers: ActionNumbers) -> tuple[Call, ...]:
    emergency = _tel(numbers.emergency, f"Call {numbers.emergency}")
    clinic = _tel(numbers.clinic_phone, f"Call the clinic, {numbers.clinic_display or numbers.clinic_phone}")
    clinic = clinic if numbers.has_clinic else ()
    poison = _tel(numbers.poison, f"Call Poison Help, {numbers.poison}") if triage.offers_poison_help else ()
    crisis = _crisis_calls(numbers) if triage.has_crisis else ()
    if level == Level.CRISIS:
        return (*crisis, *emergency, *poison, *clinic)
    if level == Level.EMERGENCY:
        return (*emergency, *crisis, *poison, *clinic)
    return (*clinic, *emergency, *poison) if level == Level.URGENT else clinic if level == Level.CALL_TODAY else ()


def _crisis_calls(numbers: ActionNumbers) -> tuple[Call, ...]:
    text = (Call("sms", numbers.crisis_text, f"Text {numbers.crisis_text}"),) if numbers.crisis_text else ()
    return (*_tel(numbers.crisis_call, f"Call {numbers.crisis_call}"), *text)


def _tel(number: str, label: str) -> tuple[Call, ...]:
    return (Call("tel", number, label),) if number else ()


def _say(triage: Triage, answers: Mapping[str, str], *, rules: TriageRules, answered_by: AnsweredBy) -> str:
    """Up to three sentences about the answers that mattered most; "" where none has words."""
    said = (_said(key, answers.get(key, ""), rules=rules, answered_by=answered_by) for key in triage.told)
    sentences = _once(sentence for sentence in said if sentence)[:MOST_SAID]
    return " ".join((INTRODUCTION[answered_by], *sentences)) if sentences else ""


def _said(key: str, answer: str, *, rules: TriageRules, answered_by: AnsweredBy) -> str:
    question = rules.question(key)
    if question is None:
        return ""
    words = _tile(question, answer) or (question if question.kind != "tiles" else None)
    if words is None:
        return ""
    text = words.escort_say if answered_by == "escort" else words.say
    return text.format_map({**gaps_of(rules), "answer": _spoken(answer)})


def _spoken(answer: str) -> str:
    reading = reading_of(answer)
    return f"{reading[0]} over {reading[1]}" if reading else answer


def _tile(question: QuestionRule, answer: str) -> TileRule | None:
    return next((tile for tile in question.tiles if tile.key == answer), None)


def _answer_text(question: QuestionRule, answer: str, gaps: Mapping[str, str]) -> str:
    tile = _tile(question, answer)
    if tile is not None:
        return tile.text.format_map(gaps)
    return f"{answer} of 10" if question.kind == "scale" else answer


def _once(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))
