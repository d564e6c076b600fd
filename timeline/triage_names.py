"""What the texts and conditions of triage rules may name, and what is wrong with one that names something else."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import get_args

from timeline.document import HistoryFlag, Route
from timeline.triage_conditions import (
    CONTEXT_WORDS,
    FACTS,
    READINGS,
    Comparison,
    NotACondition,
    comparisons_in,
    parse_condition,
)
from timeline.triage_document import NOT_SURE, QuestionRule

MOMENTS = ("now", "home", "bedtime", "morning", "scheduled")
ANSWERED_BY = ("patient", "escort", "staff")
_CHOICES: Mapping[str, tuple[str, ...]] = {
    "route": get_args(Route),
    "moment": MOMENTS,
    "answered_by": ANSWERED_BY,
    "flag": get_args(HistoryFlag),
}
_GAP = re.compile(r"\{([^{}]*)\}|[{}]")


@dataclass(frozen=True, slots=True)
class Names:
    """Keys of thresholds, and questions by key."""

    thresholds: frozenset[str]
    questions: Mapping[str, QuestionRule]

    def gap_problem(self, text: str, *, extra: Collection[str] = ()) -> str:
        """What is wrong with the {gaps} of a text; "" for nothing. A threshold in °F may be asked for in °C as well."""
        for found in _GAP.finditer(text):
            name = found.group(1)
            if name is None or (name.removesuffix("_c") not in self.thresholds and name not in extra):
                return f"there is nothing to fill in for {found.group(0)}"
        return ""

    def condition_problem(self, text: str, *, asked: Collection[str] | None = None) -> str:
        """What is wrong with a condition; "" for nothing. `asked`: the questions that come before it."""
        try:
            tests = tuple(comparisons_in(parse_condition(text)))
        except NotACondition as error:
            return str(error)
        return next(filter(None, (self._test_problem(test, asked) for test in tests)), "")

    def _test_problem(self, test: Comparison, asked: Collection[str] | None) -> str:
        if test.verb == "holds":
            return "" if test.subject in FACTS else f"there is no fact called {test.subject}"
        if test.verb in {">=", "<"}:
            return self._number_problem(test, asked)
        if test.subject in CONTEXT_WORDS:
            choices = _CHOICES[test.subject]
        elif question := self.questions.get(test.subject):
            choices = (*(tile.key for tile in question.tiles), NOT_SURE)
        else:
            return f"there is no question called {test.subject}"
        strange = [value for value in test.values if value not in choices]
        if strange:
            return f"{test.subject} has no answer called {strange[0]}"
        return "" if test.verb == "was" or test.subject in CONTEXT_WORDS else _order_problem(test, asked)

    def _number_problem(self, test: Comparison, asked: Collection[str] | None) -> str:
        if test.values[0] not in self.thresholds:
            return f"there is no threshold called {test.values[0]}"
        if test.subject == "hours":
            return ""
        question = self.questions.get(test.question)
        reading = test.subject.partition(".")[2]
        wanted = "blood_pressure" if reading else "scale"
        if question is None or question.kind != wanted or (reading and reading not in READINGS):
            return f"{test.subject} is no number"
        return _order_problem(test, asked)


def _order_problem(test: Comparison, asked: Collection[str] | None) -> str:
    return "" if asked is None or test.question in asked else f"{test.question} is not asked before this"
