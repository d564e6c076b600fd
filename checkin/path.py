"""The way through a check-in: which questions these answers open, in which order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from checkin.conditions import Context, holds
from checkin.triage import triage
from timeline.levels import Level, rank
from timeline.triage_conditions import parse_condition
from timeline.triage_document import Step, TriageRules

# From here on nothing more is asked: what to do comes before any question (docs/clinical.md, 12).
STOPS = Level.CRISIS
# Whether somebody thinks of dying. What is answered to it changes whom to call, so it comes before the page that says so.
DIRECT = "self_harm"
# From here on only what an answer opened is asked.
NARROWS = Level.URGENT


def question_path(answers: Mapping[str, str], *, context: Context, rules: TriageRules) -> tuple[str, ...]:
    """Keys of the questions, answered or to come, as far as these answers tell. One that is answered is never left out."""
    steps = _open_steps(answers, context=context, rules=rules)
    standing = {step.question: answers[step.question] for step in steps if step.question in answers}
    level = triage(standing, context=context, rules=rules).level
    return tuple(step.question for step in steps if step.question in standing or _is_asked(step, level))


def _open_steps(answers: Mapping[str, str], *, context: Context, rules: TriageRules) -> list[Step]:
    """Those without a condition, and those that an answer before them opens, if that one stands itself."""
    standing: dict[str, str] = {}
    steps = []
    thresholds = rules.values()
    for step in _flow(context, rules):
        if step.when and not holds(parse_condition(step.when), standing, context=context, thresholds=thresholds):
            continue
        steps.append(step)
        if step.question in answers:
            standing[step.question] = answers[step.question]
    return steps


def _flow(context: Context, rules: TriageRules) -> Sequence[Step]:
    """After a low day of the log the direct question is all that is asked; nobody is led through a whole check-in for it."""
    direct = [step for step in rules.flow if step.question == DIRECT]
    return direct if context.moment == "log" and direct else rules.flow


def _is_asked(step: Step, level: Level) -> bool:
    return rank(level) < rank(NARROWS if not step.when else STOPS)
