"""Which points and cautions of a Learn card are shown to whom: by what is known of the person and of the visit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import get_args

from timeline.document import Caution, GivenFlag, LearnCard, Point

# How a caution begins: while nobody has said whether the flag holds, and once it is known to.
OPENINGS: Mapping[str, tuple[str, str]] = {
    "blood_thinner": ("If you take blood thinners", "You take blood thinners"),
    "high_blood_pressure": ("If you have raised blood pressure", "You have raised blood pressure"),
    "limits_salt": ("If you limit salt or fluids", "You limit salt or fluids"),
    "heart_or_kidney": ("If you have heart or kidney trouble", "For your heart or kidneys"),
    "pregnant": ("If you are pregnant", "You are pregnant"),
    "diabetes": ("If you have diabetes", "You have diabetes"),
    "psychosis_or_bipolar": ("If you ever had psychosis or bipolar illness", "With your past in mind"),
    "anti_nausea": ("If you got medicine against nausea", "You got medicine against nausea"),
    "pain_reliever": ("If you got a pain pill at the clinic", "You got a pain pill at the clinic"),
    "calming": ("If you got medicine to calm you", "You got medicine to calm you"),
}
_GIVEN = frozenset(get_args(GivenFlag))


@dataclass(frozen=True, slots=True)
class ShownCaution:
    """A caution in words: how it begins, what it says, whether it is known to hold, and whether it would replace its point."""

    opening: str
    text: str
    is_known: bool
    replaces: bool


@dataclass(frozen=True, slots=True)
class ShownPoint:
    """A point as this person reads it. `text` is "" where cautions stand in the place of the point."""

    text: str
    cautions: tuple[ShownCaution, ...]

    @property
    def is_for_you(self) -> bool:
        return any(caution.is_known for caution in self.cautions)


def shown_points(
    points: Sequence[Point], *, history: Set[str] | None, given: Set[str] | None
) -> tuple[ShownPoint, ...]:
    """The points of a section: first those that are known to change for this person, else in their own order.

    `history` and `given` hold the flags that apply; None means that nobody has said yet. A caution that may apply is
    shown as "If you …"; one that is known to comes first; one that is known not to is left out.
    """
    shown = [_shown(point, history=history, given=given) for point in points]
    return tuple(sorted(shown, key=lambda point: not point.is_for_you))


def _shown(point: Point, *, history: Set[str] | None, given: Set[str] | None) -> ShownPoint:
    known = [each for each in point.cautions if _applies(each, history=history, given=given)]
    possible = [each for each in point.cautions if _applies(each, history=history, given=given) is None]
    cautions = tuple(_words(each, is_known=each in known) for each in (*known, *possible))
    is_replaced = any(caution.replaces for caution in known)
    return ShownPoint(text="" if is_replaced else point.text, cautions=cautions)


def _applies(caution: Caution, *, history: Set[str] | None, given: Set[str] | None) -> bool | None:
    """Whether the flag holds; None while nobody knows."""
    flags = given if caution.flag in _GIVEN else history
    return None if flags is None else caution.flag in flags


def _words(caution: Caution, *, is_known: bool) -> ShownCaution:
    return ShownCaution(
        opening=OPENINGS[caution.flag][is_known], text=caution.text, is_known=is_known, replaces=caution.replaces
    )


def cards_at(cards: Sequence[LearnCard], *, moments: Set[str]) -> tuple[LearnCard, ...]:
    """The cards that are opened from these moments, in the order of the document."""
    return tuple(card for card in cards if moments & set(card.moments))
