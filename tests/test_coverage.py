"""docs/coverage.md: every line of the source text has a place that exists and says it, or a reason why not."""

from __future__ import annotations

import importlib.util
import re
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any

import pytest

from timeline.packs import pack_keys, read_pack

ROOT = Path(__file__).parents[1]
LINES = 122
_STEP = re.compile(r"\.?([a-z0-9_-]+)|\[(\d+)\]")


@dataclass(frozen=True)
class Row:
    """One line of the table; `says` are the words that its places have to hold."""

    line: str
    asks: str
    place: str
    says: tuple[str, ...]

    @property
    def places(self) -> tuple[str, ...]:
        return tuple(re.findall(r"`([^`]+)`", self.place))

    @property
    def is_left_out(self) -> bool:
        return self.place.startswith("left out: ")


def rows() -> list[Row]:
    table = (ROOT / "docs/coverage.md").read_text("utf-8").split("| --- |", 1)[1].splitlines()[1:]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in table if line.strip()]
    return [
        Row(line, asks, place, tuple(word.strip().casefold() for word in says.split(";") if word.strip()))
        for line, asks, place, says in cells
    ]


ROWS = rows()
PLACED = [row for row in ROWS if not row.is_left_out]


def texts(place: str) -> list[str]:
    """What stands at a place, in lower case: one text for each pack it names. Fails when there is no such place."""
    kind, _, name = place.partition(":")
    if kind == "template":
        return [(ROOT / "templates" / name).read_text("utf-8").casefold()]
    if kind == "code":
        spec = importlib.util.find_spec(name)
        assert spec and spec.origin, place
        return [Path(spec.origin).read_text("utf-8").casefold()]
    assert kind == "pack", place
    which, _, path = name.partition(":")
    keys = pack_keys() if which == "both" else (which,)
    return ["\n".join(strings(found(read_pack(key), path))).casefold() for key in keys]


def found(part: Any, path: str) -> Any:
    """The part of a document at a path such as learn.settle.sections[1].points[0]."""
    assert "".join(match[0] for match in _STEP.finditer(path)) == path, path
    for name, number in _STEP.findall(path):
        if number:
            part = part[int(number)]
        elif isinstance(part, tuple):
            part = next(item for item in part if item.key == name)
        else:
            part = getattr(part, name)
    return part


def strings(part: Any) -> list[str]:
    if isinstance(part, str):
        return [part]
    if isinstance(part, tuple):
        return [text for item in part for text in strings(item)]
    return [text for each in fields(part) for text in strings(getattr(part, each.name))] if is_dataclass(part) else []


def test_every_line_stands_there_once_and_in_order() -> None:
    assert [row.line for row in ROWS] == [f"S{number}" for number in range(1, LINES + 1)]
    assert all(row.asks for row in ROWS)


def test_nothing_is_to_come() -> None:
    assert "to come" not in (ROOT / "docs/coverage.md").read_text("utf-8").casefold()


def test_only_what_nobody_has_shown_is_left_out_and_each_with_a_reason() -> None:
    left_out = [row for row in ROWS if row.is_left_out]
    assert [row.line for row in left_out] == ["S66", "S67", "S68", "S69", "S103"]
    assert all(len(row.place.split()) > 5 for row in left_out)


@pytest.mark.parametrize("row", PLACED, ids=lambda row: row.line)
def test_the_places_of_a_line_exist_and_say_it(row: Row) -> None:
    assert row.places
    assert row.says
    found_texts = [(place, texts(place)) for place in row.places]
    silent = [place for place, each in found_texts if not all(any(word in text for word in row.says) for text in each)]
    assert silent == []
    for number in range(len(pack_keys())):
        together = "\n".join(each[number % len(each)] for _, each in found_texts)
        assert [word for word in row.says if word not in together] == []


RUN = 5


def runs(text: str) -> set[str]:
    """Every run of five words in `text`, in lower case and without what stands between them."""
    words = re.findall(r"[a-z0-9'’-]+", text.casefold())
    return {" ".join(words[start : start + RUN]) for start in range(len(words) - RUN + 1)}


@pytest.mark.parametrize("row", PLACED, ids=lambda row: row.line)
def test_a_pack_says_a_line_in_words_of_its_own(row: Row) -> None:
    packs = [text for place in row.places if place.startswith("pack:") for text in texts(place)]
    assert [run for text in packs for line in text.splitlines() for run in runs(line) & runs(row.asks)] == []


def test_a_line_that_is_copied_is_told_whatever_stands_between_its_words() -> None:
    copied = "Sip ginger tea, or chew ginger candy."
    assert runs(copied) & runs("Nausea: sip ginger tea or chew ginger candy")
    assert not runs("Try a little ginger tea, or a ginger candy.") & runs(copied)


# The controls: a place that is gone, and words that are gone, are told.


@pytest.mark.parametrize("path", ["learn.nothing", "phases[9]", "dinner", "night.usual["])
def test_a_part_that_is_not_there_is_not_found(path: str) -> None:
    with pytest.raises((AssertionError, AttributeError, IndexError, StopIteration)):
        found(read_pack(pack_keys()[0]), path)


def test_a_template_or_a_module_that_is_not_there_is_told() -> None:
    with pytest.raises(FileNotFoundError):
        texts("template:timeline/nothing.html")
    with pytest.raises(AssertionError):
        texts("code:timeline.nothing")
