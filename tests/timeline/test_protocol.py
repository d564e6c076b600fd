"""A protocol document: what is read, what is refused and where, and that nothing else ever comes out."""

from __future__ import annotations

import copy
import json
import pickle
import re
from collections.abc import Callable
from dataclasses import FrozenInstanceError, replace
from typing import Any, get_args

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from timeline.document import GivenFlag, HistoryFlag, LearnTheme, Moment, ProtocolDocument
from timeline.packs import pack_keys, read_pack
from timeline.plain_yaml import MOST_CHARACTERS, MOST_LEVELS, MOST_VALUES
from timeline.protocol import Problem, ProtocolErrors, digest, dump, load, parse

IV, SPRAVATO = read_pack("iv-ketamine"), read_pack("spravato")
# Made once: a test changes a copy.
CONTENT = {"iv": dump(IV), "spravato": dump(SPRAVATO)}
GONE = object()


def changed(path: str, value: object, route: str = "iv") -> dict[str, Any]:
    """A valid document with one value set, or taken away."""
    content = copy.deepcopy(CONTENT[route])
    *way, last = [int(part) if part.isdigit() else part for part in re.findall(r"[^.\[\]]+", path)]
    place: Any = content
    for part in way:
        place = place[part]
    if value is GONE:
        del place[last]
    else:
        place[last] = value
    return content


def errors(content: object, read: Callable[[Any], ProtocolDocument] = parse) -> list[tuple[str, str]]:
    with pytest.raises(ProtocolErrors) as caught:
        read(content)
    return [(error.path, error.message) for error in caught.value.errors]


@pytest.mark.parametrize("key", pack_keys())
def test_a_document_comes_back_whole_from_json_and_from_yaml(key: str) -> None:
    document = read_pack(key)
    content = json.loads(json.dumps(dump(document)))
    assert parse(content) == document
    assert load(yaml.safe_dump(content)) == document
    assert load(json.dumps(content)) == document


def test_a_document_is_whole_without_its_optional_names() -> None:
    content = changed("minimum_stay_minutes", GONE)
    content["prompts"] = [
        {
            "key": "sip",
            "kind": "tip",
            "title": "Sip",
            "text": "Sip water.",
            "icon": "droplet",
            "at_hours": 2,
            "window_minutes": 30,
            "priority": 1,
            "when_quiet": "skip",
        }
    ]
    content["night"]["sources"] = [{"title": "A book"}]
    document = parse(content)
    prompt = document.prompts[0]
    assert (prompt.at_hours, prompt.clock, prompt.offset_minutes, prompt.asks, prompt.by_text) == (
        2.0,
        None,
        0,
        False,
        False,
    )
    assert document.night.sources[0].address == ""
    assert document.minimum_stay_minutes is None
    assert parse(dump(document)) == document


def test_the_digest_stands_for_the_document_and_not_for_how_it_was_written() -> None:
    first = digest(IV)
    assert re.fullmatch("[0-9a-f]{64}", first)
    backwards = dict(reversed(CONTENT["iv"].items()))
    assert digest(parse(backwards)) == first
    assert digest(parse(changed("prompts[0].at_hours", 2))) == digest(parse(changed("prompts[0].at_hours", 2.0)))
    assert digest(parse(changed("prompts[0].at_hours", 0.0))) == digest(parse(changed("prompts[0].at_hours", -0.0)))
    assert digest(replace(IV, name="IV ketamine, long")) != first


LONG = "You may feel slow and tender and foggy and far away and sleepy for a good many hours now."
NO_SCHEME = "this has to be an address without https:// and without spaces"

NO_SECTION = "this has to be a section of names and values"
CAUTION = "learn[2].sections[0].points[0].cautions[0]"
THEMES = f"this has to be {' or '.join(get_args(LearnTheme))}"
MOMENTS = f"this has to be {' or '.join([*(phase.key for phase in IV.phases), *get_args(Moment)])}"
FLAGS = f"this has to be {' or '.join([*get_args(HistoryFlag), *get_args(GivenFlag)])}"

REFUSED: list[tuple[str, object, str, str]] = [
    # what is set, to what, where it is told, and what is said
    ("schema", 2, "schema", "this has to be 1"),
    ("schema", True, "schema", "this has to be 1"),
    ("schema", GONE, "schema", "this is missing"),
    ("key", "IV drip", "key", "this has to be a short name of small letters, digits, - and _"),
    ("key", "a" * 41, "key", "this may have 40 characters, and has 41"),
    ("name", "a" * 81, "name", "this may have 80 characters, and has 81"),
    ("name", 7, "name", "this has to be text"),
    ("name", "", "name", "this is empty"),
    ("name", " IV", "name", "this has spaces at its start or end"),
    ("name", "IV\x00", "name", "this holds a character that can't be seen (U+0000)"),
    ("name", "IV\nketamine", "name", "this holds a character that can't be seen (U+000A)"),
    ("name", "IV \u202egnp", "name", "this holds a character that can't be seen (U+202E)"),
    ("name", "IV \u2066a", "name", "this holds a character that can't be seen (U+2066)"),
    ("name", "IV \ud800", "name", "this holds a character that can't be seen (U+D800)"),
    ("name", "\u200b", "name", "this holds a character that can't be seen (U+200B)"),
    ("route", "oral", "route", "this has to be iv or im or spravato"),
    ("route", ["iv"], "route", "this has to be iv or im or spravato"),
    ("language", "es", "language", "this has to be en"),
    ("hour_zero", "first_device", "hour_zero", "the hours of iv run from treatment_end"),
    ("minimum_stay_minutes", -1, "minimum_stay_minutes", "this has to be a whole number from 0 to 1440"),
    ("quiet_hours", "21:00", "quiet_hours", "this has to be a section of names and values"),
    ("quiet_hours.starts_at", "9 pm", "quiet_hours.starts_at", "this has to be a time like 21:00"),
    ("quiet_hours.starts_at", "24:00", "quiet_hours.starts_at", "this has to be a time like 21:00"),
    ("quiet_hours.starts_at", "٢١:٠٠", "quiet_hours.starts_at", "this has to be a time like 21:00"),
    ("quiet_hours.starts_at", 1260, "quiet_hours.starts_at", "this has to be a time like 21:00"),
    ("quiet_hours.starts_at", "08:00", "quiet_hours", "these have to begin and end at different times"),
    ("quiet_hours.starts_at", "17:59", "quiet_hours", "these may be 14 hours long at most"),
    ("budget.notices", 7, "budget.notices", "this has to be a whole number from 1 to 6"),
    ("budget.notices", 0, "budget.notices", "this has to be a whole number from 1 to 6"),
    ("budget.asking", 5, "budget.asking", "this has to be a whole number from 1 to 4"),
    ("budget.texts", 3, "budget.texts", "this has to be a whole number from 0 to 2"),
    ("budget.texts", True, "budget.texts", "this has to be a whole number from 0 to 2"),
    ("budget.texts", 1.0, "budget.texts", "this has to be a whole number from 0 to 2"),
    ("budget.gap_minutes", 89, "budget.gap_minutes", "this has to be a whole number from 90 to 1440"),
    ("driving.hours", 23, "driving.hours", "this has to be a whole number from 24 to 336"),
    ("phases", {}, "phases", "this has to be a list"),
    ("phases[1]", "Settling in", "phases[1]", "this has to be a section of names and values"),
    ("phases[0].from_hour", 1, "phases[0].from_hour", "this has to be 0, where the day begins"),
    ("phases[1].from_hour", 4, "phases[1].from_hour", "this has to be 3, where the phase before it ends"),
    ("phases[1].from_hour", 2, "phases[1].from_hour", "this has to be 3, where the phase before it ends"),
    ("phases[3].to_hour", 23, "phases[3].to_hour", "this has to be 24, where the day ends"),
    ("phases[3].to_hour", 25, "phases[3].to_hour", "this has to be a whole number from 0 to 24"),
    ("phases[1].key", "coming_back", "phases[1].key", "this key is already used at phases[0].key"),
    ("phases[1].icon", "", "phases[1].icon", "this is empty"),
    ("phases[1].icon", "Sofa", "phases[1].icon", "this has to be a short name of small letters, digits, - and _"),
    ("phases[1].card.lead", "One. Two. Three.", "phases[1].card.lead", "this may have 2 sentences, and has 3"),
    ("phases[1].card.lead", "“One.” Two! Three?", "phases[1].card.lead", "this may have 2 sentences, and has 3"),
    ("phases[1].card.lead", LONG, "phases[1].card.lead", "a sentence may have 18 words, and one has 19"),
    ("wrap_up.lead", LONG, "wrap_up.lead", "a sentence may have 18 words, and one has 19"),
    ("phases[1].card.usual", [], "phases[1].card.usual", "this has to hold 1 to 3 items"),
    ("phases[1].card.do", ["a"] * 4, "phases[1].card.do", "this has to hold 1 to 3 items"),
    ("phases[1].card.later", GONE, "phases[1].card.later", "this is missing"),
    ("phases[1].card.later[0]", None, "phases[1].card.later[0]", "this has to be text"),
    ("night.steps[0].key", "nest", "night.steps[0].key", "this key is already used at phases[1].card.steps[0].key"),
    ("night.steps[0].key", "a" * 41, "night.steps[0].key", "this may have 40 characters, and has 41"),
    ("night.sources[0].address", "https://nhs.uk", "night.sources[0].address", NO_SCHEME),
    ("night.sources[0].address", "nhs.uk and more", "night.sources[0].address", NO_SCHEME),
    ("clinic_points", [], "clinic_points", "this has to be a section of names and values"),
    ("clinic_points.during", ["a"] * 9, "clinic_points.during", "this has to hold 0 to 8 items"),
    ("clinic_points.during[0]", 3, "clinic_points.during[0]", "this has to be text"),
    ("learn", {}, "learn", "this has to be a list"),
    ("learn[1].key", "first-day-done", "learn[1].key", "this key is already used at learn[0].key"),
    ("learn[0].key", "my-mood", "learn[0].key", "this stands in an address, and may not hold mood"),
    ("learn[0].key", "bad_headache", "learn[0].key", "this stands in an address, and may not hold headache"),
    ("learn[0].lead", "One. Two. Three.", "learn[0].lead", "this may have 2 sentences, and has 3"),
    ("learn[0].theme", "x", "learn[0].theme", THEMES),
    ("learn[0].sections", [], "learn[0].sections", "this has to hold 1 to 6 items"),
    ("learn[0].sections[0].points[0]", 3, "learn[0].sections[0].points[0]", NO_SECTION),
    (
        "learn[0].sections[0].points[0]",
        "a" * 201,
        "learn[0].sections[0].points[0]",
        "this may have 200 characters, and has 201",
    ),
    ("learn[0].sections[0].points", ["a"] * 9, "learn[0].sections[0].points", "this has to hold 1 to 8 items"),
    ("learn[0].unknown", [], "learn[0].unknown", "this has to hold 1 to 4 items"),
    ("learn[0].unknown", GONE, "learn[0].unknown", "this is missing"),
    ("learn[0].sources", [], "learn[0].sources", "this has to hold 1 to 8 items"),
    ("learn[0].sources", GONE, "learn[0].sources", "this is missing"),
    ("learn[0].moments[0]", "noon", "learn[0].moments[0]", MOMENTS),
    ("learn[0].opens_help", 1, "learn[0].opens_help", "this has to be true or false"),
    ("learn[2].sections[0].points[0].cautions[0].flag", "tall", f"{CAUTION}.flag", FLAGS),
    ("learn[2].sections[0].points[0].cautions[0].text", "", f"{CAUTION}.text", "this is empty"),
    (
        "learn[2].sections[0].points[0].cautions[0].replaces",
        "no",
        f"{CAUTION}.replaces",
        "this has to be true or false",
    ),
    (
        "learn[2].sections[0].points[0].routes",
        ["iv"],
        "learn[2].sections[0].points[0].routes",
        "this section is not known",
    ),
    ("before.points", ["a"] * 9, "before.points", "this has to hold 0 to 8 items"),
    ("prompts[2].colour", "red", "prompts[2].colour", "this section is not known"),
    ("colour", {"a": 1}, "colour", "this section is not known"),
    ("driving.rule\n", 1, r"driving.'rule\n'", "this section is not known"),
    ("prompts[1].key", "home", "prompts[1].key", "this key is already used at prompts[0].key"),
    ("prompts[1].key", "k" * 41, "prompts[1].key", "this may have 40 characters, and has 41"),
    ("prompts[0].kind", "nudge", "prompts[0].kind", "this has to be tip or check_in or wrap_up"),
    ("prompts[0].clock", "bedtime", "prompts[0]", "this needs either at_hours or clock, and not both"),
    ("prompts[0].at_hours", None, "prompts[0]", "this needs either at_hours or clock, and not both"),
    ("prompts[0].at_hours", GONE, "prompts[0]", "this needs either at_hours or clock, and not both"),
    ("prompts[0].at_hours", 24.5, "prompts[0].at_hours", "this has to be a number of hours from 0 to 24"),
    ("prompts[0].at_hours", -1, "prompts[0].at_hours", "this has to be a number of hours from 0 to 24"),
    ("prompts[0].at_hours", float("nan"), "prompts[0].at_hours", "this has to be a number of hours from 0 to 24"),
    ("prompts[0].at_hours", True, "prompts[0].at_hours", "this has to be a number of hours from 0 to 24"),
    ("prompts[0].offset_minutes", 30, "prompts[0].offset_minutes", "this moves a clock moment, and there is none here"),
    ("prompts[3].clock", "noon", "prompts[3].clock", "this has to be bedtime or morning"),
    ("prompts[3].offset_minutes", 721, "prompts[3].offset_minutes", "this has to be a whole number from -720 to 720"),
    ("prompts[0].window_minutes", 0, "prompts[0].window_minutes", "this has to be a whole number from 1 to 1440"),
    ("prompts[0].priority", 0, "prompts[0].priority", "this has to be a whole number from 1 to 99"),
    ("prompts[0].when_quiet", "wait", "prompts[0].when_quiet", "this has to be skip or earlier or later"),
    ("prompts[0].asks", 0, "prompts[0].asks", "this has to be true or false"),
    ("prompts[0].by_text", "yes", "prompts[0].by_text", "this has to be true or false"),
]


@pytest.mark.parametrize(("path", "value", "told_at", "message"), REFUSED)
def test_each_error_is_told_once_at_its_path(path: str, value: object, told_at: str, message: str) -> None:
    assert errors(changed(path, value)) == [(told_at, message)]


@pytest.mark.parametrize(
    ("path", "value", "told_at", "message"),
    [
        ("minimum_stay_minutes", 119, "minimum_stay_minutes", "this has to be a whole number from 120 to 1440"),
        ("minimum_stay_minutes", None, "minimum_stay_minutes", "this has to be a whole number from 120 to 1440"),
        ("minimum_stay_minutes", GONE, "minimum_stay_minutes", "this is missing"),
        ("hour_zero", "treatment_end", "hour_zero", "the hours of spravato run from first_device"),
        ("driving.hours", -1, "driving.hours", "this has to be a whole number from 0 to 336"),
    ],
)
def test_spravato_needs_its_own_hour_zero_and_two_hours_at_the_clinic(
    path: str, value: object, told_at: str, message: str
) -> None:
    assert errors(changed(path, value, "spravato")) == [(told_at, message)]


def test_im_follows_the_rules_of_iv() -> None:
    assert parse(changed("route", "im")).route == "im"
    content = changed("driving.hours", 12)
    content["route"] = "im"
    assert errors(content) == [("driving.hours", "this has to be a whole number from 24 to 336")]


@pytest.mark.parametrize(
    ("path", "value", "route"),
    [
        ("budget", {"notices": 1, "asking": 1, "texts": 0, "gap_minutes": 240}, "iv"),
        ("quiet_hours", {"starts_at": "18:00", "ends_at": "08:00"}, "iv"),
        ("quiet_hours", {"starts_at": "00:30", "ends_at": "09:00"}, "iv"),
        ("driving.hours", 48, "iv"),
        ("driving.hours", 0, "spravato"),
        ("minimum_stay_minutes", 180, "spravato"),
        ("minimum_stay_minutes", 60, "iv"),
        ("prompts", [], "iv"),
        ("night.steps", [], "iv"),
        ("before.points", [], "iv"),
        ("prompts[0].at_hours", 0, "iv"),
        ("prompts[0].at_hours", 24, "iv"),
    ],
)
def test_a_document_may_be_stricter(path: str, value: object, route: str) -> None:
    document = parse(changed(path, value, route))
    assert parse(dump(document)) == document


@pytest.mark.parametrize("count", [3, 5])
def test_there_are_four_phases(count: int) -> None:
    phases = [copy.deepcopy(phase) for phase in [*CONTENT["iv"]["phases"], CONTENT["iv"]["phases"][0]][:count]]
    phases[-1]["to_hour"] = 24
    assert ("phases", "this has to hold 4 items") in errors(changed("phases", phases))


def test_a_phase_that_ends_before_it_begins_is_told() -> None:
    content = changed("phases[1].to_hour", 3)
    content["phases"][2]["from_hour"] = 3
    assert errors(content) == [("phases[1].to_hour", "this has to come after from_hour")]


def test_all_errors_are_told_at_once_one_line_each_in_the_order_of_the_document() -> None:
    content = changed("schema", 9)
    content["budget"]["texts"] = 5
    content["phases"][1]["card"]["lead"] = "One. Two. Three."
    content["phases"][2]["from_hour"] = 13
    content["phases"][3] = None
    content["night"]["usual"] = "sleep"
    del content["morning"]
    content["prompts"][2]["colour"] = "red"
    content["prompts"][4]["asks"] = None
    with pytest.raises(ProtocolErrors) as caught:
        parse(content)
    assert sorted(str(caught.value).splitlines()) == sorted(
        [
            "schema: this has to be 1",
            "budget.texts: this has to be a whole number from 0 to 2",
            "phases[1].card.lead: this may have 2 sentences, and has 3",
            "phases[3]: this has to be a section of names and values",
            "phases[2].from_hour: this has to be 12, where the phase before it ends",
            "night.usual: this has to be a list",
            "morning: this is missing",
            "prompts[2].colour: this section is not known",
            "prompts[4].asks: this has to be true or false",
        ]
    )


def test_a_phase_that_is_wrong_brings_no_errors_of_the_cards_that_name_it() -> None:
    assert errors(changed("phases[1].key", "Settling in")) == [
        ("phases[1].key", "this has to be a short name of small letters, digits, - and _")
    ]


def test_an_unknown_route_brings_no_errors_of_another_route() -> None:
    content = changed("route", "oral")
    content["driving"]["hours"] = 0
    assert [path for path, _ in errors(content)] == ["route"]


@pytest.mark.parametrize("content", [None, [], "text", 3, True, {1, 2}])
def test_what_is_no_section_at_all_is_told_once(content: object) -> None:
    assert errors(content) == [("document", "this has to be a section of names and values")]


def test_an_empty_section_lists_everything_that_is_missing() -> None:
    found = errors({})
    assert ("phases", "this is missing") in found
    assert {message for _, message in found} == {"this is missing"}


def test_errors_are_frozen_values_that_travel_between_processes() -> None:
    raised = ProtocolErrors([Problem("schema", "this is missing"), Problem("key", "this is empty")])
    assert str(raised) == "schema: this is missing\nkey: this is empty"
    assert isinstance(raised, ValueError)
    assert pickle.loads(pickle.dumps(raised)).errors == raised.errors  # noqa: S301
    with pytest.raises(FrozenInstanceError):
        raised.errors[0].path = "name"  # type: ignore[misc]


YAML_TEXT = yaml.safe_dump(CONTENT["iv"], sort_keys=False)

UNREADABLE: list[tuple[str, str, str]] = [
    ("a: &big [1]\nb: *big\n", "line 1", "& and * (anchors and aliases) are not read here"),
    ("a: 1\nb: *big\n", "line 2", "& and * (anchors and aliases) are not read here"),
    ("a: !!python/object/apply:os.system ['true']\n", "line 1", "! (a tag) is not read here"),
    ("a: !!timestamp 2027-01-01\n", "line 1", "! (a tag) is not read here"),
    ("a: 1\n---\nb: 2\n", "line 3", "there is a second document here"),
    ("a: [1, 2\n", "line 2", "this is not YAML"),
    ("a: 1\n\tb: 2\n", "line 2", "this holds a character that can't be seen (U+0009)"),
    ("a: b\x00\n", "line 1", "this holds a character that can't be seen (U+0000)"),
    ("a: 1\nb: \u202e\n", "line 2", "this holds a character that can't be seen (U+202E)"),
    ("a: \ud800\n", "line 1", "this holds a character that can't be seen (U+D800)"),
    ('a: "\\UFFFFFFFF"\n', "document", "this is not YAML"),
    ("? [a]\n: 1\n", "line 1", "a name has to be text"),
    ("a: " + "[" * 100_000, "line 1", f"this lies more than {MOST_LEVELS} levels deep"),
    ("- " * 50_000 + "a", "line 1", f"this lies more than {MOST_LEVELS} levels deep"),
    ("[" + "a," * 90_000 + "]", "line 1", f"there are more than {MOST_VALUES} values"),
    ("#" * (MOST_CHARACTERS + 1), "document", f"this may have {MOST_CHARACTERS} characters"),
]


@pytest.mark.parametrize(("text", "told_at", "message"), UNREADABLE, ids=[row[2] for row in UNREADABLE])
def test_yaml_that_could_grow_act_or_hide_is_refused_in_plain_words(text: str, told_at: str, message: str) -> None:
    found = errors(text, load)
    assert len(found) == 1
    assert found[0][0] == told_at
    assert found[0][1].startswith(message)


def test_a_name_that_stands_twice_is_told_with_the_other_errors() -> None:
    text = YAML_TEXT.replace("schema: 1", "schema: 2\nlanguage: en") + "colour: red\n"
    assert errors(text, load) == [
        ("language", "this name stands here twice"),
        ("colour", "this section is not known"),
        ("schema", "this has to be 1"),
    ]


@pytest.mark.parametrize("name", ['"\\0"', '"\\u202E"', '"\\uD800"'])
def test_an_escape_hides_nothing(name: str) -> None:
    found = errors(YAML_TEXT.replace("name: IV ketamine", f"name: {name}"), load)
    assert [path for path, _ in found] == ["name"]
    assert found[0][1].startswith("this holds a character that can't be seen")


def test_times_and_words_that_yaml_would_turn_into_something_else_stay_text() -> None:
    text = YAML_TEXT.replace("'21:00'", "21:00").replace("'08:00'", "08:00").replace("name: IV ketamine", "name: No")
    document = load(text)
    assert document.quiet_hours == IV.quiet_hours
    assert document.name == "No"


def test_a_text_from_a_form_or_from_windows_reads_the_same() -> None:
    assert load("\ufeff" + YAML_TEXT.replace("\n", "\r\n")) == IV


@pytest.mark.parametrize("text", ["", "\n", "# nothing\n", "null"])
def test_an_empty_text_is_no_document(text: str) -> None:
    assert errors(text, load) == [("document", "this has to be a section of names and values")]


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=30),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters(), max_size=12), inner, max_size=4)
    ),
    max_leaves=12,
)


def _paths(value: Any, path: str = "") -> list[str]:
    below = []
    if isinstance(value, dict):
        below = [(item, f"{path}.{name}" if path else name) for name, item in value.items()]
    if isinstance(value, list):
        below = [(item, f"{path}[{at}]") for at, item in enumerate(value)]
    return [found for item, where in below for found in (where, *_paths(item, where))]


def _outcome(read: Callable[[Any], ProtocolDocument], content: Any) -> ProtocolDocument | ProtocolErrors:
    try:
        return read(content)
    except ProtocolErrors as raised:
        return raised


def _reads_or_refuses(read: Callable[[Any], ProtocolDocument], content: Any) -> None:
    """Either a document that comes back whole, or errors of one line each; nothing else."""
    outcome = _outcome(read, content)
    if isinstance(outcome, ProtocolErrors):
        assert outcome.errors
        assert len(str(outcome).splitlines()) == len(outcome.errors)
        assert all(str(error).isprintable() for error in outcome.errors)
    else:
        assert parse(json.loads(json.dumps(dump(outcome)))) == outcome
        assert digest(parse(dump(outcome))) == digest(outcome)


@settings(max_examples=150, deadline=None)
@given(content=ANY_JSON)
def test_any_value_is_read_or_refused(content: Any) -> None:
    _reads_or_refuses(parse, content)


@settings(max_examples=300, deadline=None)
@given(paths=st.lists(st.sampled_from(_paths(CONTENT["iv"])), min_size=1, max_size=1), value=ANY_JSON)
def test_a_document_with_any_value_anywhere_is_read_or_refused(paths: list[str], value: Any) -> None:
    _reads_or_refuses(parse, changed(paths[0], value))


@settings(max_examples=200, deadline=None)
@given(text=st.text(st.characters(), max_size=60) | st.text("-:?[]{}&*!|>'\"%@#~ \n\\Ux0a1", max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    _reads_or_refuses(load, text)


@settings(max_examples=60, deadline=None)
@given(at=st.integers(0, len(YAML_TEXT)), cut=st.integers(0, 40), put=st.text("-:?[]{}&*!|>'\"%# \n\\a1", max_size=8))
def test_a_document_with_a_slip_of_the_hand_is_read_or_refused(at: int, cut: int, put: str) -> None:
    _reads_or_refuses(load, YAML_TEXT[:at] + put + YAML_TEXT[at + cut :])
