"""The way through a check-in: which questions these answers open, in which order."""

from __future__ import annotations

from collections.abc import Mapping

from checkin.conditions import Context, holds
from checkin.triage import triage
from timeline.levels import Level, rank
from timeline.triage_conditions import parse_condition
from timeline.triage_document import Step, TriageRules

# From here on nothing more is asked: what to do comes before any question (docs/clinical.md, 12).
STOPS = Level.CRISIS
# From here on only what an answer opened is asked.
NARROWS = Level.URGENT


def question_path(answers: Mapping[str, str], *, context: Context, rules: TriageRules) -> tuple[str, ...]:
    """Keys of the questions, answered or to come, as far as these answers tell. An answer that stands is never left out."""
    standing: dict[str, str] = {}
    path: list[str] = []
    thresholds = rules.values()
    for step in rules.flow:
        is_open = not step.when or holds(parse_condition(step.when), standing, context=context, thresholds=thresholds)
        if not is_open:
            continue
        if step.question in answers:
            standing[step.question] = answers[step.question]
        elif not _asks(step, standing, context=context, rules=rules):
            continue
        path.append(step.question)
    return tuple(path)


def _asks(step: Step, standing: Mapping[str, str], *, context: Context, rules: TriageRules) -> bool:
    level = triage(standing, context=context, rules=rules).level
    return rank(level) < rank(NARROWS) or (bool(step.when) and rank(level) < rank(STOPS))
