"""Reads the plain part of YAML: nothing that can grow (aliases), act (tags) or hide (a name twice) gets in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import takewhile
from typing import NoReturn

import yaml

from timeline.places import Notes, Problem, ProtocolErrors, below, hidden_in

MOST_CHARACTERS, MOST_VALUES, MOST_LEVELS = 200_000, 10_000, 12
_PLAIN_WORDS: Mapping[str, bool | None] = {"": None, "~": None, "null": None, "true": True, "false": False}
_WHOLE, _DECIMAL = re.compile(r"-?[0-9]{1,9}"), re.compile(r"-?[0-9]{1,9}\.[0-9]{1,9}")


def read_yaml(text: str, notes: Notes) -> object:
    """Dicts, lists, text, numbers, true, false and null. 21:00, no and 2027-01-01 are text.

    A name that stands twice is noted at its path. Raises ProtocolErrors with the line of what can't be read at all.
    """
    text = text.removeprefix("\ufeff")
    _refuse_unreadable(text)
    events = _plain_events(text)
    first = next(events, None)
    content = None if first is None else _build(first, events, path="", notes=notes)
    for event in events:
        _refuse(event, "there is a second document here; one text is one document")
    return content


def _refuse_unreadable(text: str) -> None:
    if len(text) > MOST_CHARACTERS:
        raise ProtocolErrors([Problem("document", f"this may have {MOST_CHARACTERS} characters, and has {len(text)}")])
    lines = enumerate(text.replace("\r\n", "\n").split("\n"), start=1)
    hidden = [(number, found) for number, line in lines if (found := hidden_in(line))]
    if hidden:
        message = "this holds a character that can't be seen ({})"
        raise ProtocolErrors(Problem(f"line {number}", message.format(found)) for number, found in hidden)


def _plain_events(text: str) -> Iterator[yaml.Event]:
    """Values, and the ends of lists and sections, in order. Stops at the first thing that is too large or not plain."""
    levels = values = 0
    for event in _yaml_events(text):
        if isinstance(event, yaml.NodeEvent):
            _refuse_growth(event)
            values += 1
        levels += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if values > MOST_VALUES:
            _refuse(event, f"there are more than {MOST_VALUES} values")
        if levels > MOST_LEVELS:
            _refuse(event, f"this lies more than {MOST_LEVELS} levels deep")
        if isinstance(event, yaml.NodeEvent | yaml.CollectionEndEvent):
            yield event


def _refuse_growth(event: yaml.NodeEvent) -> None:
    if event.anchor is not None:
        _refuse(event, "& and * (anchors and aliases) are not read here; put text in quotes, or write it out")
    if isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent) and event.tag is not None:
        _refuse(event, "! (a tag) is not read here; put text in quotes")


def _yaml_events(text: str) -> Iterator[yaml.Event]:
    try:
        yield from yaml.parse(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        raise ProtocolErrors([Problem(_line(error.problem_mark), f"this is not YAML: {error.problem}")]) from None
    except (yaml.YAMLError, ValueError, OverflowError):
        # PyYAML hands an escape such as "\UFFFFFFFF" to chr() as it stands.
        raise ProtocolErrors([Problem("document", "this is not YAML")]) from None


def _refuse(event: yaml.Event, message: str) -> NoReturn:
    raise ProtocolErrors([Problem(_line(event.start_mark), message)])


def _line(mark: object) -> str:
    return f"line {mark.line + 1}" if isinstance(mark, yaml.Mark) else "document"


def _build(event: yaml.Event, events: Iterator[yaml.Event], *, path: str, notes: Notes) -> object:
    if isinstance(event, yaml.MappingStartEvent):
        return _section(events, path=path, notes=notes)
    if isinstance(event, yaml.SequenceStartEvent):
        inside = enumerate(takewhile(_goes_on, events))
        return [_build(item, events, path=f"{path}[{at}]", notes=notes) for at, item in inside]
    return _scalar(event.value, is_plain=event.style is None) if isinstance(event, yaml.ScalarEvent) else None


def _section(events: Iterator[yaml.Event], *, path: str, notes: Notes) -> dict[str, object]:
    section: dict[str, object] = {}
    for event in takewhile(_goes_on, events):
        if not isinstance(event, yaml.ScalarEvent):
            _refuse(event, "a name has to be text")
        place = below(path, event.value)
        if event.value in section:
            notes.add(place, "this name stands here twice")
        section[event.value] = _build(next(events), events, path=place, notes=notes)
    return section


def _goes_on(event: yaml.Event) -> bool:
    return not isinstance(event, yaml.CollectionEndEvent)


def _scalar(text: str, *, is_plain: bool) -> object:
    if not is_plain:
        return text
    if text in _PLAIN_WORDS:
        return _PLAIN_WORDS[text]
    if _WHOLE.fullmatch(text):
        return int(text)
    return float(text) if _DECIMAL.fullmatch(text) else text
