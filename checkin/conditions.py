"""Whether a condition of the rules holds: for these answers, at this moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from checkin.answers import number_of, reading_of
from timeline.document import Route
from timeline.triage_conditions import Comparison, Condition, Every, Some, comparisons_in

AnsweredBy = Literal["patient", "escort", "staff"]
CheckInMoment = Literal["now", "home", "bedtime", "morning", "scheduled", "log"]
# Where the fall of the top number on standing is counted from.
SITTING = "bp"


@dataclass(frozen=True, slots=True)
class Context:
    """What is known besides the answers.

    `hours` since hour 0, None before it. `is_next_day`: the patient's morning has come. `asks_directly`: this check-in
    asks about self-harm. `flags`: the patient's history. `discharge`: (top, bottom) in mmHg. `earlier`: the answers of
    the last check-in. `reached`: whether somebody is known to have reached the patient; no rule asks yet.
    """

    route: Route
    hours: float | None
    is_next_day: bool = False
    answered_by: AnsweredBy = "patient"
    has_cuff: bool = False
    asks_directly: bool = False
    flags: frozenset[str] = frozenset()
    is_alone_tonight: bool = False
    discharge: tuple[int, int] | None = None
    earlier: Mapping[str, str] = field(default_factory=dict)
    reached: bool | None = None
    moment: CheckInMoment = "now"


def holds(
    condition: Condition, answers: Mapping[str, str], *, context: Context, thresholds: Mapping[str, float]
) -> bool:
    """What is not answered, or can't be read, makes a comparison false: it never lowers a level."""
    if isinstance(condition, Every):
        return all(holds(part, answers, context=context, thresholds=thresholds) for part in condition.parts)
    if isinstance(condition, Some):
        return any(holds(part, answers, context=context, thresholds=thresholds) for part in condition.parts)
    return _holds(condition, answers, context=context, thresholds=thresholds)


def asked_about(
    condition: Condition, answers: Mapping[str, str], *, context: Context, thresholds: Mapping[str, float]
) -> tuple[str, ...]:
    """The answered questions whose comparisons hold, in the order of the condition."""
    held = (test for test in comparisons_in(condition) if _holds(test, answers, context=context, thresholds=thresholds))
    return tuple(dict.fromkeys(test.question for test in held if test.verb != "was" and test.question in answers))


def _holds(test: Comparison, answers: Mapping[str, str], *, context: Context, thresholds: Mapping[str, float]) -> bool:
    if test.verb == "holds":
        return bool(getattr(context, test.subject))
    if test.verb == "was":
        return context.earlier.get(test.subject) in test.values
    if test.verb == "is":
        return bool(_words_of(test.subject, answers, context) & set(test.values))
    number, line = _number(test.subject, answers, context), thresholds[test.values[0]]
    if number is None:
        return False
    return number >= line if test.verb == ">=" else number < line


def _words_of(subject: str, answers: Mapping[str, str], context: Context) -> frozenset[str]:
    if subject == "flag":
        return context.flags
    if subject in {"route", "moment", "answered_by"}:
        return frozenset({getattr(context, subject)})
    return frozenset({answers[subject]}) if subject in answers else frozenset()


def _number(subject: str, answers: Mapping[str, str], context: Context) -> float | None:
    """A number of the moment or of an answer; None where it is not known."""
    if subject == "hours":
        return context.hours
    question, _, part = subject.partition(".")
    if not part:
        return number_of(answers.get(question, ""))
    reading = reading_of(answers.get(question, ""))
    return None if reading is None else _part(part, reading, reading_of(answers.get(SITTING, "")), context)


def _part(part: str, reading: tuple[int, int], sitting: tuple[int, int] | None, context: Context) -> float | None:
    top, bottom = reading
    if part == "rise":
        before = context.discharge
        return None if before is None else max(top - before[0], bottom - before[1])
    if part == "drop":
        return None if sitting is None else sitting[0] - top
    return top if part == "top" else bottom
