"""How much the answers ask for: fixed, readable rules, the highest of which wins (docs/clinical.md, 12). No model, no score."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from checkin.conditions import Context, asked_about, holds
from timeline.levels import LEVELS, RED, Level, rank, worst
from timeline.triage_conditions import parse_condition
from timeline.triage_document import NOT_SURE, Raise, TriageRules

__all__ = ["Context", "Triage", "level_alone", "triage"]

# A clinician signs which facts raise a level; none of them ever makes a routine answer an alert, or a crisis of it.
RAISED = {Level.CALL_TODAY: Level.URGENT, Level.URGENT: Level.EMERGENCY}
NOT_SURE_ID = "not_sure:"


@dataclass(frozen=True, slots=True)
class Triage:
    """What the answers ask for. `rules`: the ids that matched, worst first; "not_sure:stomach" is an "I am not sure".

    `reasons` for staff, in the same order. `has_crisis`: the crisis line is shown whatever the level. `raised_by`: keys
    of what lifted it. `told`: the answered questions that mattered, worst first. `tips`: things to do; where it can't wait,
    only those of the worst rules.
    """

    level: Level
    rules: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    has_crisis: bool = False
    raised_by: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    tips: tuple[str, ...] = ()
    offers_poison_help: bool = False


@dataclass(frozen=True, slots=True)
class _Match:
    id: str
    level: Level
    reason: str
    told: tuple[str, ...]
    tip: str = ""
    also: str = ""
    raised_by: tuple[str, ...] = ()


def triage(answers: Mapping[str, str], *, context: Context, rules: TriageRules) -> Triage:
    """The level of these answers and why. Answers that the rules do not know, or can't read, count for nothing.

    More answers never lower it, nor does a later hour, a flag or a clinic's own threshold. What was corrected is the
    caller's to leave out (flow.closed_answers).
    """
    raises = _applying(answers, context=context, rules=rules)
    matches = [_raised(match, raises) for match in _matches(answers, context=context, rules=rules)]
    matches.sort(key=lambda match: -rank(match.level))
    level = worst(match.level for match in matches)
    return Triage(
        level=level,
        rules=tuple(match.id for match in matches),
        reasons=_once(match.reason for match in matches),
        has_crisis=any("crisis" in {match.level, match.also} for match in matches),
        raised_by=_once(key for match in matches if match.level == level for key in match.raised_by),
        told=_once(key for match in matches for key in match.told),
        tips=_once(match.tip for match in matches if match.tip and (level not in RED or match.level == level)),
        offers_poison_help=any(match.also == "poison" for match in matches),
    )


def level_alone(question: str, answer: str, *, rules: TriageRules) -> Level:
    """What an answer asks for by itself, whatever else is known: for marks on a tile, and for offline pages."""
    context = Context(route="iv", hours=None)
    return triage({question: answer}, context=context, rules=replace(rules, raises=())).level


def _matches(answers: Mapping[str, str], *, context: Context, rules: TriageRules) -> Iterator[_Match]:
    thresholds = rules.values()
    for rule in rules.rules:
        condition = parse_condition(rule.when)
        if holds(condition, answers, context=context, thresholds=thresholds):
            told = asked_about(condition, answers, context=context, thresholds=thresholds)
            yield _Match(rule.id, rule.level, rule.reason, told, rule.tip, rule.also)
    for question in rules.questions:
        if answers.get(question.key) == NOT_SURE:
            reason = f"Not sure: {question.label}"
            yield _Match(f"{NOT_SURE_ID}{question.key}", question.not_sure, reason, (question.key,))


def _applying(answers: Mapping[str, str], *, context: Context, rules: TriageRules) -> list[Raise]:
    thresholds = rules.values()
    conditions = ((each, parse_condition(each.when)) for each in rules.raises)
    return [each for each, when in conditions if holds(when, answers, context=context, thresholds=thresholds)]


def _raised(match: _Match, raises: list[Raise]) -> _Match:
    """One level higher, however many facts raise it. A tip for a quiet day is none for a page that presses."""
    by = tuple(each.key for each in raises if match.id not in each.spares)
    if not by or match.level not in RAISED:
        return match
    tip = match.tip if match.level in RED else ""
    return replace(match, level=RAISED[match.level], raised_by=by, tip=tip)


def _once(values: Iterator[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))


assert set(RAISED.values()) < set(LEVELS)
