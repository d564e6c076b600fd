"""The shape of the triage rules: what is asked, in which order, what an answer means, and what the page then says.

Frozen values, no Django. All of it is data, so that the clinician who signs can read it (docs/clinical.md, 12).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from timeline.levels import Level

Safer = Literal["lower", "higher"]
QuestionKind = Literal["tiles", "scale", "blood_pressure"]
Also = Literal["", "crisis", "poison"]
NOT_SURE = "not_sure"


@dataclass(frozen=True, slots=True)
class Sparse:
    """A part that is written down without what equals its default: a dump stays short."""


@dataclass(frozen=True, slots=True)
class Threshold(Sparse):
    """A number that rules compare with, in `unit`. `safer` is the way in which a clinic may move it."""

    key: str
    value: float
    unit: str
    safer: Safer
    label: str


@dataclass(frozen=True, slots=True)
class TileRule(Sparse):
    """One answer. `escort` words stand in the place of the patient's when the escort answers; {names} are thresholds.

    `say` is what the patient can read out on the phone about it, `escort_say` what the escort can. Empty `routes`: all.
    """

    key: str
    text: str
    note: str = ""
    escort: str = ""
    escort_note: str = ""
    say: str = ""
    escort_say: str = ""
    icon: str = ""
    routes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class QuestionRule(Sparse):
    """One page. `label` is its short name for staff; `not_sure` the level of "I am not sure".

    A scale is 0 to 10, with words for its ends. `wait` names the threshold that says how many minutes to rest first.
    `say` is for a number: {answer} stands for it.
    """

    key: str
    label: str
    text: str
    hint: str
    tiles: tuple[TileRule, ...]
    kind: QuestionKind = "tiles"
    not_sure: Level = Level.CALL_TODAY
    escort: str = ""
    escort_hint: str = ""
    least: str = ""
    most: str = ""
    wait: str = ""
    say: str = ""
    escort_say: str = ""


@dataclass(frozen=True, slots=True)
class Step(Sparse):
    """One place in a check-in: the question, and the condition that opens it. Without one it is asked of everybody."""

    question: str
    when: str = ""


@dataclass(frozen=True, slots=True)
class Rule(Sparse):
    """One row of the table. The letter after the number of an id (E9b) is another level of the same row.

    `reason` is for staff; `tip` one thing for the patient to do. `also`: the crisis line or Poison Help is shown as well.
    """

    id: str
    level: Level
    when: str
    reason: str
    source: str
    tip: str = ""
    also: Also = ""


@dataclass(frozen=True, slots=True)
class Raise(Sparse):
    """What lifts a level by one, from call today upwards. `spares`: ids of rules that it leaves as they are."""

    key: str
    when: str
    reason: str
    spares: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ActWords(Sparse):
    """What the action page says at one level. {emergency}, {crisis} and the thresholds are filled in.

    `closed` words stand in the place of the others while the clinic can't be reached. `tips` are for everybody.
    """

    level: Level
    heading: str
    lines: tuple[str, ...]
    escort_lines: tuple[str, ...] = ()
    closed_heading: str = ""
    closed_lines: tuple[str, ...] = ()
    closed_escort_lines: tuple[str, ...] = ()
    tips: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TriageRules(Sparse):
    """All of it. A protocol version holds its own copy from the day on which it is published."""

    version: str
    status: Literal["unsigned", "signed"]
    thresholds: tuple[Threshold, ...]
    questions: tuple[QuestionRule, ...]
    flow: tuple[Step, ...]
    rules: tuple[Rule, ...]
    raises: tuple[Raise, ...]
    acts: tuple[ActWords, ...]

    def question(self, key: str) -> QuestionRule | None:
        """None for a key of another version."""
        return next((question for question in self.questions if question.key == key), None)

    def place_of(self, key: str) -> int:
        """Where a question stands, from 1: what names it in an address, which tells nothing. 0 for none of this version."""
        keys = [question.key for question in self.questions]
        return keys.index(key) + 1 if key in keys else 0

    def key_at(self, place: int) -> str:
        """The key of the question at this place; "" for none."""
        return self.questions[place - 1].key if 0 < place <= len(self.questions) else ""

    def threshold(self, key: str) -> float:
        """Raises KeyError."""
        return self.values()[key]

    def values(self) -> Mapping[str, float]:
        return {each.key: each.value for each in self.thresholds}


@dataclass(frozen=True, slots=True)
class Tile:
    """An answer as this reader sees it."""

    key: str
    text: str
    note: str
    icon: str


@dataclass(frozen=True, slots=True)
class Question:
    """A page as this reader sees it: the words for patient or escort, numbers filled in, the tiles of the route."""

    key: str
    kind: QuestionKind
    label: str
    text: str
    hint: str
    tiles: tuple[Tile, ...]
    least: str
    most: str
    wait_minutes: int


class UnsafeThreshold(ValueError):
    """A clinic's own number that goes the less safe way, or that stands for nothing. A sentence fit to show."""


def tightened(rules: TriageRules, overrides: Mapping[str, float]) -> TriageRules:
    """The rules with a clinic's own thresholds, each only to the safer side. Raises UnsafeThreshold."""
    known = {each.key for each in rules.thresholds}
    for key in overrides:
        if key not in known:
            raise UnsafeThreshold(f"There is no threshold called {key}.")
    moved = (_moved(each, overrides[each.key]) if each.key in overrides else each for each in rules.thresholds)
    return replace(rules, thresholds=tuple(moved))


def _moved(threshold: Threshold, value: float) -> Threshold:
    if not 0 <= value < 1000:  # refuses what is no number (nan) as well
        raise UnsafeThreshold(f"{threshold.label}: this has to be a number from 0 to 999.")
    is_safer = value <= threshold.value if threshold.safer == "lower" else value >= threshold.value
    if not is_safer:
        most = "at most" if threshold.safer == "lower" else "at least"
        raise UnsafeThreshold(f"{threshold.label}: this may be {most} {shown(threshold.value)} {threshold.unit}.")
    return replace(threshold, value=float(value))


def shown(value: float) -> str:
    """A number without a needless .0."""
    return f"{value:g}"
