"""One question a page: the next, the one before, and which answers still stand after a correction."""

from __future__ import annotations

from collections.abc import Mapping

from checkin.conditions import AnsweredBy, Context
from checkin.path import question_path
from timeline.triage_document import Question, QuestionRule, Tile, TileRule, TriageRules, shown


def next_question(answers: Mapping[str, str], *, context: Context, rules: TriageRules) -> Question | None:
    """The first page that is not answered; None when it is done, or when what to do comes first."""
    open_keys = (key for key in question_path(answers, context=context, rules=rules) if key not in answers)
    key = next(open_keys, None)
    return None if key is None else question_page(key, context=context, rules=rules)


def question_before(answers: Mapping[str, str], key: str, *, context: Context, rules: TriageRules) -> Question | None:
    """The page before this one; None on the first, and for a page that these answers do not open."""
    path = question_path(answers, context=context, rules=rules)
    at = path.index(key) if key in path else 0
    return question_page(path[at - 1], context=context, rules=rules) if at else None


def page_number(answers: Mapping[str, str], key: str, *, context: Context, rules: TriageRules) -> int:
    """1 for the first page; 0 for a page that these answers do not open."""
    path = question_path(answers, context=context, rules=rules)
    return path.index(key) + 1 if key in path else 0


def closed_answers(answers: Mapping[str, str], *, context: Context, rules: TriageRules) -> dict[str, str]:
    """The answers that stand, in the order of the pages. What a correction no longer opens is left out, not deleted."""
    return {key: answers[key] for key in question_path(answers, context=context, rules=rules) if key in answers}


def question_page(key: str, *, context: Context, rules: TriageRules) -> Question:
    """A question in the words of whoever answers, numbers filled in. Raises KeyError for one that is not there."""
    rule = rules.question(key)
    if rule is None:
        raise KeyError(key)
    return _page(rule, context=context, gaps=gaps_of(rules), rules=rules)


def gaps_of(rules: TriageRules) -> dict[str, str]:
    """What stands for {threshold}: 8, 100.4; and {threshold_c} for one in °F."""
    own = {each.key: shown(each.value) for each in rules.thresholds}
    celsius = {f"{each.key}_c": f"{(each.value - 32) / 1.8:.1f}" for each in rules.thresholds if each.unit == "°F"}
    return own | celsius


def tile_words(tile: TileRule, *, answered_by: AnsweredBy) -> tuple[str, str]:
    """(text, note). Staff read out the patient's words."""
    if answered_by != "escort":
        return tile.text, tile.note
    return tile.escort or tile.text, tile.escort_note or tile.note


def _page(rule: QuestionRule, *, context: Context, gaps: Mapping[str, str], rules: TriageRules) -> Question:
    is_escort = context.answered_by == "escort"
    tiles = (tile for tile in rule.tiles if not tile.routes or context.route in tile.routes)
    return Question(
        key=rule.key,
        kind=rule.kind,
        label=rule.label,
        text=((is_escort and rule.escort) or rule.text).format_map(gaps),
        hint=((is_escort and rule.escort_hint) or rule.hint).format_map(gaps),
        tiles=tuple(_tile(tile, answered_by=context.answered_by, gaps=gaps) for tile in tiles),
        least=rule.least,
        most=rule.most,
        wait_minutes=int(rules.threshold(rule.wait)) if rule.wait else 0,
    )


def _tile(tile: TileRule, *, answered_by: AnsweredBy, gaps: Mapping[str, str]) -> Tile:
    text, note = tile_words(tile, answered_by=answered_by)
    return Tile(key=tile.key, text=text.format_map(gaps), note=note.format_map(gaps), icon=tile.icon)
