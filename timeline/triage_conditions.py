"""Conditions of the triage rules: short texts such as "pain >= pain_severe and (pills is no_help or has_cuff)", parsed.

    question is key/key      the answer is one of these       question was key   it was, at the last check-in
    name >= threshold        the number is that or more       name < threshold   it is less
    fact                     what is known of the moment      and, or, ( )

No negation on purpose: what is not answered never lowers a level.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

Verb = Literal["is", "was", ">=", "<", "holds"]
FACTS = ("is_next_day", "has_cuff", "asks_directly", "is_alone_tonight")
# Words of the moment that are compared like an answer.
CONTEXT_WORDS = ("route", "moment", "answered_by", "flag")
DEEPEST = 8
# Parts of a blood pressure: its numbers, how far above the one at discharge, and how far the top one fell on standing.
READINGS = ("top", "bottom", "rise", "drop")
_TOKEN = re.compile(r"\s*(\(|\)|>=|<|/|[a-z0-9_.]+)")
_WORD = re.compile(r"[a-z0-9_.]+")
_RESERVED = frozenset({"and", "or", "is", "was"})


@dataclass(frozen=True, slots=True)
class Comparison:
    """One comparison. `values`: the answers that fit, or the one threshold."""

    subject: str
    verb: Verb
    values: tuple[str, ...]

    @property
    def question(self) -> str:
        """The key before the dot: bp.top asks about bp."""
        return self.subject.partition(".")[0]


@dataclass(frozen=True, slots=True)
class Every:
    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Some:
    parts: tuple[Condition, ...]


Condition = Comparison | Every | Some


class NotACondition(ValueError):
    """What is wrong with a text, as a sentence for whoever wrote it."""


@lru_cache(maxsize=1024)
def parse_condition(text: str) -> Condition:
    """Raises NotACondition."""
    if text.count("(") > DEEPEST:
        raise NotACondition(f"this may have {DEEPEST} brackets at most")
    reader = _Reader(_tokens(text))
    condition = reader.some()
    if reader.rest:
        raise NotACondition(f"this can't be read from {reader.rest[0]!r} on")
    return condition


def comparisons_in(condition: Condition) -> Iterator[Comparison]:
    """Every comparison of it, in order."""
    if isinstance(condition, Comparison):
        yield condition
    else:
        for part in condition.parts:
            yield from comparisons_in(part)


def _tokens(text: str) -> list[str]:
    tokens, at = [], 0
    while at < len(text.rstrip()):
        found = _TOKEN.match(text, at)
        if not found:
            raise NotACondition(f"this can't be read from {text[at:].strip()[:20]!r} on")
        tokens.append(found.group(1))
        at = found.end()
    return tokens


@dataclass(slots=True)
class _Reader:
    rest: list[str]

    def some(self) -> Condition:
        parts = [self._every()]
        while self._take("or"):
            parts.append(self._every())
        return parts[0] if len(parts) == 1 else Some(tuple(parts))

    def _every(self) -> Condition:
        parts = [self._part()]
        while self._take("and"):
            parts.append(self._part())
        return parts[0] if len(parts) == 1 else Every(tuple(parts))

    def _part(self) -> Condition:
        if self._take("("):
            inside = self.some()
            if not self._take(")"):
                raise NotACondition("a bracket is not closed")
            return inside
        return self._test()

    def _test(self) -> Comparison:
        subject = self._word()
        if self._take("is"):
            return Comparison(subject, "is", self._choices())
        if self._take("was"):
            return Comparison(subject, "was", self._choices())
        if self._take(">="):
            return Comparison(subject, ">=", (self._word(),))
        return Comparison(subject, "<", (self._word(),)) if self._take("<") else Comparison(subject, "holds", ())

    def _choices(self) -> tuple[str, ...]:
        choices = [self._word()]
        while self._take("/"):
            choices.append(self._word())
        return tuple(choices)

    def _word(self) -> str:
        word = self.rest.pop(0) if self.rest else ""
        if not _WORD.fullmatch(word) or word in _RESERVED:
            raise NotACondition(f"a name is missing before {word!r}" if word else "this ends too early")
        return word

    def _take(self, token: str) -> bool:
        is_next = self.rest[:1] == [token]
        if is_next:
            self.rest.pop(0)
        return is_next
