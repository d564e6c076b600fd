"""Reads triage rules from values that anybody may have written, with every error's path (like the Learn cards)."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from typing import Any, get_args

from timeline.document import Route
from timeline.levels import LEVELS, Level
from timeline.places import Place
from timeline.triage_document import (
    NOT_SURE,
    ActWords,
    Also,
    QuestionKind,
    QuestionRule,
    Raise,
    Rule,
    Safer,
    Step,
    Threshold,
    TileRule,
    TriageRules,
)
from timeline.triage_names import Names

MOST_TILES, MOST_QUESTIONS, MOST_RULES, LONGEST_CONDITION = 5, 60, 160, 400
_RULE_ID = re.compile(r"[A-Z][0-9]{1,2}[a-z]?")
# An act has a page at each level.
_EACH_LEVEL = len(LEVELS)


def read_triage_rules(place: Place | None) -> TriageRules | None:
    """The rules of a document; None where it has none."""
    return None if place is None else _rules(place)


def digest_triage(rules: TriageRules) -> str:
    """64 hex characters that stand for exactly these rules, a clinic's own thresholds included."""
    canonical = json.dumps(plain_part(rules), sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def plain_part(value: Any) -> Any:
    """JSON-able values, without what equals its default."""
    if is_dataclass(value):
        parts = ((each, getattr(value, each.name)) for each in fields(value))
        return {each.name: plain_part(part) for each, part in parts if not _is_default(each, part)}
    if isinstance(value, tuple):
        return [plain_part(item) for item in value]
    return str(value) if isinstance(value, Level) else value


def _is_default(each: Field[Any], part: object) -> bool:
    return each.default is not MISSING and part == each.default


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads the parts that name others. `names` are known once thresholds, then questions, are read."""

    names: Names
    is_sound: bool = True

    def words(self, place: Place, *, most: int = 160, extra: Collection[str] = ()) -> str:
        """A text that a person reads; "" where there may be none."""
        text = "" if place.value == "" else place.text(most=most)
        if text and self.is_sound and (problem := self.names.gap_problem(text, extra=extra)):
            place.note(problem)
        return text

    def condition(self, place: Place, *, asked: Collection[str] | None = None) -> str:
        text = place.text(most=LONGEST_CONDITION)
        if text and self.is_sound and (problem := self.names.condition_problem(text, asked=asked)):
            place.note(problem)
        return text

    def _needed(self, place: Place) -> str:
        return self.words(place) if place.value else place.text()

    def question(self, place: Place) -> QuestionRule:
        place.has_shape(QuestionRule)
        kind: QuestionKind = place.get("kind", "tiles").one_of(get_args(QuestionKind))
        tiles = place.get("tiles", []).items(2 if kind == "tiles" else 0, MOST_TILES if kind == "tiles" else 1)
        return QuestionRule(
            key=_own_key(place["key"]),
            label=place["label"].text(most=60),
            text=self._needed(place["text"]),
            hint=self._needed(place["hint"]),
            tiles=tuple(self._tile(item, kind) for item in tiles),
            kind=kind,
            not_sure=_level(place.get("not_sure", "call_today")),
            escort=self.words(place.get("escort", "")),
            escort_hint=self.words(place.get("escort_hint", "")),
            least=self.words(place.get("least", ""), most=40),
            most=self.words(place.get("most", ""), most=40),
            wait=self._wait(place.get("wait", "")),
            say=self.words(place.get("say", ""), extra=("answer",)),
            escort_say=self.words(place.get("escort_say", ""), extra=("answer",)),
        )

    def _tile(self, place: Place, kind: QuestionKind) -> TileRule:
        place.has_shape(TileRule)
        key = place["key"].slug()
        if kind != "tiles" and key != NOT_SURE:
            place["key"].note(f"a number has no answer besides but {NOT_SURE}")
        return TileRule(
            key=key,
            text=self._needed(place["text"]),
            icon="" if place.get("icon", "").value == "" else place["icon"].slug(),
            routes=tuple(item.one_of(get_args(Route)) for item in place.get("routes", []).items(0, 3)),
            note=self.words(place.get("note", "")),
            escort=self.words(place.get("escort", "")),
            escort_note=self.words(place.get("escort_note", "")),
            say=self.words(place.get("say", "")),
            escort_say=self.words(place.get("escort_say", "")),
        )

    def _wait(self, place: Place) -> str:
        if place.value and place.text(most=40) not in self.names.thresholds:
            place.note("there is no threshold of this name")
        return place.value if isinstance(place.value, str) else place.text()

    def flow(self, place: Place) -> tuple[Step, ...]:
        asked: list[str] = []
        steps = [self._step(item, asked) for item in place.items(1, MOST_QUESTIONS)]
        return tuple(steps)

    def _step(self, place: Place, asked: list[str]) -> Step:
        place.has_shape(Step)
        question = place["question"].key("step of the flow")
        if self.is_sound and question not in self.names.questions:
            place["question"].note("there is no question of this name")
        when = "" if place.get("when", "").value == "" else self.condition(place["when"], asked=tuple(asked))
        asked.append(question)
        return Step(question=question, when=when)

    def rule(self, place: Place) -> Rule:
        place.has_shape(Rule)
        return Rule(
            id=_rule_id(place["id"]),
            level=_level(place["level"]),
            when=self.condition(place["when"]),
            reason=place["reason"].text(),
            source=place["source"].text(),
            tip=self.words(place.get("tip", "")),
            also=place.get("also", "").one_of(get_args(Also)),
        )

    def raising(self, place: Place) -> Raise:
        place.has_shape(Raise)
        return Raise(
            key=place["key"].key("raise"),
            when=self.condition(place["when"]),
            reason=place["reason"].text(),
            spares=place.get("spares", []).lines(least=0, most=6),
        )

    def act(self, place: Place, level: Level) -> ActWords:
        place.has_shape(ActWords)
        place["level"].one_of((str(level),))
        extra = ("emergency", "crisis")
        return ActWords(
            level=level,
            heading=self.words(place["heading"], most=60, extra=extra) or place["heading"].text(),
            lines=self._act_lines(place["lines"], least=1),
            escort_lines=self._act_lines(place.get("escort_lines", [])),
            closed_heading=self.words(place.get("closed_heading", ""), most=60, extra=extra),
            closed_lines=self._act_lines(place.get("closed_lines", [])),
            closed_escort_lines=self._act_lines(place.get("closed_escort_lines", [])),
            tips=self._act_lines(place.get("tips", [])),
        )

    def _act_lines(self, place: Place, *, least: int = 0) -> tuple[str, ...]:
        items = place.items(least, 5)
        return tuple(self.words(item, extra=("emergency", "crisis")) or item.text() for item in items)


def _rules(place: Place) -> TriageRules:
    place.has_shape(TriageRules)
    thresholds = tuple(_threshold(item) for item in place["thresholds"].items(1, 80))
    keys = frozenset(each.key for each in thresholds)
    first = _Reader(Names(keys, {}), is_sound=_is_sound(place["thresholds"]))
    questions = tuple(first.question(item) for item in place["questions"].items(1, MOST_QUESTIONS))
    names = Names(keys, {each.key: each for each in questions})
    reader = _Reader(names, is_sound=first.is_sound and _is_sound(place["questions"]))
    return TriageRules(
        version=place["version"].text(most=40),
        status=place["status"].one_of(("unsigned", "signed")),
        thresholds=thresholds,
        questions=questions,
        flow=reader.flow(place["flow"]),
        rules=tuple(reader.rule(item) for item in place["rules"].items(1, MOST_RULES)),
        raises=tuple(reader.raising(item) for item in place["raises"].items(0, 12)),
        acts=tuple(map(reader.act, place["acts"].items(_EACH_LEVEL, _EACH_LEVEL), LEVELS)),
    )


def _is_sound(place: Place) -> bool:
    """Where names themselves are wrong, what names them is not told as an error of its own."""
    return place.is_sound and not any(path.startswith(place.path) for path in place.notes.problems)


def _threshold(place: Place) -> Threshold:
    place.has_shape(Threshold)
    return Threshold(
        key=_own_key(place["key"], of="threshold"),
        value=_number(place["value"]),
        unit=place["unit"].text(most=20),
        safer=place["safer"].one_of(get_args(Safer)),
        label=place["label"].text(most=80),
    )


def _own_key(place: Place, *, of: str = "question") -> str:
    """A key that conditions can name: no hyphen."""
    key = place.key(of)
    if "-" in key:
        place.note("this may not hold a hyphen")
    return key


def _number(place: Place) -> float:
    if type(place.value) not in {int, float} or not 0 <= place.value < 1000:
        place.note("this has to be a number from 0 to 999")
        return 0.0
    return float(place.value) + 0.0


def _level(place: Place) -> Level:
    return Level(place.one_of(tuple(map(str, LEVELS))) or Level.ROUTINE)


def _rule_id(place: Place) -> str:
    rule_id = place.text(most=4)
    if not _RULE_ID.fullmatch(rule_id):
        place.note("this has to be an id like E1 or E9b")
    first = place.notes.keys.setdefault(("rule", rule_id), place.path)
    if first != place.path:
        place.note(f"this id is already used at {first}")
    return rule_id
