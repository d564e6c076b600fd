"""Reads values that anybody may have written: each with its path, and every error noted before the first is told."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from datetime import time
from typing import Any

from timeline.phases import HOURS

MOST_SENTENCES, MOST_WORDS = 2, 18
_SENTENCE_END = re.compile(r"(?<=[.!?])[”’\")]*\s+")
_SLUG = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*")
_CLOCK = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]")
_MISSING, _LOST = object(), object()


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, and where: a path such as phases[1].card.lead, or a line of the text."""

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}"


class ProtocolErrors(ValueError):
    """Everything that is wrong with a document, one line each."""

    def __init__(self, errors: Iterable[Problem]) -> None:
        self.errors = tuple(errors)
        super().__init__(self.errors)

    def __str__(self) -> str:
        return "\n".join(map(str, self.errors))


@dataclass(frozen=True, slots=True)
class Notes:
    """What is wrong so far, the first message for each path, and where each key was first used."""

    problems: dict[str, str] = field(default_factory=dict)
    keys: dict[tuple[str, str], str] = field(default_factory=dict)

    def add(self, path: str, message: str) -> None:
        self.problems.setdefault(path or "document", message)

    def raise_any(self) -> None:
        if self.problems:
            raise ProtocolErrors(Problem(path, message) for path, message in self.problems.items())


@dataclass(frozen=True, slots=True)
class Place:
    """A value with its path. A read that finds it wrong notes so and gives a stand-in, so that reading goes on."""

    value: Any
    path: str
    notes: Notes

    def __getitem__(self, name: str) -> Place:
        """What stands under a name. Where this is no section it is lost, and nothing more is noted about it."""
        value = self.value.get(name, _MISSING) if isinstance(self.value, dict) else _LOST
        return Place(value, below(self.path, name), self.notes)

    def get(self, name: str, default: object) -> Place:
        place = self[name]
        return Place(default, place.path, self.notes) if place.value is _MISSING else place

    def optional(self, name: str) -> Place | None:
        place = self.get(name, None)
        return None if place.value is None else place

    @property
    def is_sound(self) -> bool:
        return self.value is not _MISSING and self.value is not _LOST and self.path not in self.notes.problems

    def note(self, message: str) -> None:
        if self.value is not _LOST:
            self.notes.add(self.path, "this is missing" if self.value is _MISSING else message)

    def has_shape(self, shape: type[Any]) -> None:
        """Notes every name that the dataclass `shape` does not have."""
        if not isinstance(self.value, dict):
            self.note("this has to be a section of names and values")
            return
        known = {each.name for each in fields(shape)}
        for name in self.value:
            if name not in known:
                self.notes.add(below(self.path, name), "this section is not known")

    def items(self, least: int, most: int) -> list[Place]:
        if not isinstance(self.value, list):
            self.note("this has to be a list")
            return []
        if not least <= len(self.value) <= most:
            self.note(f"this has to hold {least if least == most else f'{least} to {most}'} items")
        return [Place(item, f"{self.path}[{at}]", self.notes) for at, item in enumerate(self.value[:most])]

    def text(self, most: int = 160) -> str:
        if not isinstance(self.value, str):
            self.note("this has to be text")
            return ""
        if problem := _text_problem(self.value, most=most):
            self.note(problem)
        return self.value

    def lines(self, least: int = 1, most: int = 3) -> tuple[str, ...]:
        return tuple(item.text() for item in self.items(least, most))

    def lead(self) -> str:
        """At most two sentences of at most 18 words (docs/clinical.md, 5)."""
        text = self.text(most=300)
        sentences = _SENTENCE_END.split(text)
        longest = max(len(sentence.split()) for sentence in sentences)
        if len(sentences) > MOST_SENTENCES:
            self.note(f"this may have {MOST_SENTENCES} sentences, and has {len(sentences)}")
        if longest > MOST_WORDS:
            self.note(f"a sentence may have {MOST_WORDS} words, and one has {longest}")
        return text

    def slug(self) -> str:
        slug = self.text(most=40)
        if not _SLUG.fullmatch(slug):
            self.note("this has to be a short name of small letters, digits, - and _")
        return slug

    def key(self, of: str) -> str:
        """A slug that no other `of` (step, prompt, phase) of the document has."""
        key = self.slug()
        first = self.notes.keys.setdefault((of, key), self.path)
        if first != self.path:
            self.note(f"this key is already used at {first}")
        return key

    def whole(self, least: int, most: int) -> int:
        if type(self.value) is not int or not least <= self.value <= most:
            self.note(f"this has to be {least if least == most else f'a whole number from {least} to {most}'}")
            return least
        return self.value

    def hours(self) -> float:
        if type(self.value) not in {int, float} or not 0 <= self.value <= HOURS:
            self.note(f"this has to be a number of hours from 0 to {HOURS}")
            return 0.0
        return float(self.value) + 0.0  # 2 and 2.0, 0.0 and -0.0 are one document

    def flag(self) -> bool:
        if not isinstance(self.value, bool):
            self.note("this has to be true or false")
        return self.value is True

    def one_of(self, options: tuple[str, ...]) -> Any:
        if not isinstance(self.value, str) or self.value not in options:
            self.note(f"this has to be {' or '.join(options)}")
            return ""
        return self.value

    def clock(self) -> time:
        if not isinstance(self.value, str) or not _CLOCK.fullmatch(self.value):
            self.note("this has to be a time like 21:00")
            return time(0)
        return time.fromisoformat(self.value)


def below(path: str, name: object) -> str:
    """The path of a name under `path`. One that is odd is shown so that it stays short and on one line."""
    shown = name if isinstance(name, str) and name.isprintable() and 0 < len(name) <= 60 else ascii(name)[:60]
    return f"{path}.{shown}" if path else shown


def hidden_in(text: str) -> str:
    """The first character that shows nothing or turns the direction of writing, such as "U+202E"; else ""."""
    return next((f"U+{ord(char):04X}" for char in text if not char.isprintable()), "")


def _text_problem(text: str, *, most: int) -> str:
    if hidden := hidden_in(text):
        return f"this holds a character that can't be seen ({hidden})"
    if len(text) > most:
        return f"this may have {most} characters, and has {len(text)}"
    if text != text.strip():
        return "this has spaces at its start or end"
    return "" if text else "this is empty"
