"""The pack: read whole or refused with every path, moved only to the safer side, and kept by a version."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from checkin.answers import possible_answers
from checkin.conditions import Context
from checkin.flow import question_page
from tests.checkin.answers import RULES
from timeline.document import ProtocolDocument
from timeline.packs import golden_content, pack_keys, read_pack, read_triage
from timeline.places import Notes, Place, ProtocolErrors
from timeline.protocol import digest, dump, load, parse
from timeline.triage_conditions import comparisons_in, parse_condition
from timeline.triage_document import TriageRules, UnsafeThreshold, tightened
from timeline.triage_parts import digest_triage, plain_part, read_triage_rules

CONTENT: dict[str, Any] = plain_part(RULES)


def read(content: Any) -> TriageRules | None:
    notes = Notes()
    rules = read_triage_rules(Place(content, "", notes))
    notes.raise_any()
    return rules


def changed(path: str, value: Any) -> dict[str, Any]:
    """The pack with one value in another's place: rules.3.when."""
    content = copy.deepcopy(CONTENT)
    *way, last = path.split(".")
    inside: Any = content
    for name in way:
        inside = inside[int(name)] if name.isdigit() else inside[name]
    inside[int(last) if last.isdigit() else last] = value
    return content


def problem(path: str, value: Any) -> list[tuple[str, str]]:
    with pytest.raises(ProtocolErrors) as raised:
        read(changed(path, value))
    return [(each.path, each.message) for each in raised.value.errors]


def at(section: str, **wanted: str) -> int:
    return next(i for i, each in enumerate(CONTENT[section]) if wanted.items() <= each.items())


def test_the_pack_is_an_unsigned_draft() -> None:
    assert (RULES.status, RULES.version) == ("unsigned", "draft-1")
    assert read_triage() is read_triage()


def test_it_reads_the_same_after_it_was_written_down() -> None:
    assert read(json.loads(json.dumps(CONTENT))) == RULES


E1 = at("rules", id="E1")
WRONG = [
    (f"rules.{E1}.when", "any_now is chestt", f"rules[{E1}].when", "any_now has no answer called chestt"),
    (f"rules.{E1}.when", "anynow is chest", f"rules[{E1}].when", "there is no question called anynow"),
    (f"rules.{E1}.when", "pain >= pain_worst", f"rules[{E1}].when", "there is no threshold called pain_worst"),
    (f"rules.{E1}.when", "clear >= pain_severe", f"rules[{E1}].when", "clear is no number"),
    (f"rules.{E1}.when", "bp >= pain_severe", f"rules[{E1}].when", "bp is no number"),
    (f"rules.{E1}.when", "bp.middle >= pain_severe", f"rules[{E1}].when", "bp.middle is no number"),
    (f"rules.{E1}.when", "pain.top >= pain_severe", f"rules[{E1}].when", "pain.top is no number"),
    (f"rules.{E1}.when", "is_monday", f"rules[{E1}].when", "there is no fact called is_monday"),
    (f"rules.{E1}.when", "route is oral", f"rules[{E1}].when", "route has no answer called oral"),
    (f"rules.{E1}.when", "any_now is", f"rules[{E1}].when", "this ends too early"),
    (f"rules.{E1}.when", "", f"rules[{E1}].when", "this is empty"),
    (f"rules.{E1}.id", "E2", "rules[1].id", "this id is already used at rules[0].id"),
    (f"rules.{E1}.id", "E", f"rules[{E1}].id", "this has to be an id like E1 or E9b"),
    (
        f"rules.{E1}.level",
        "red",
        f"rules[{E1}].level",
        "this has to be routine or call_today or urgent or crisis or emergency",
    ),
    (f"rules.{E1}.tip", "Wait {hours} hours.", f"rules[{E1}].tip", "there is nothing to fill in for {hours}"),
    (f"rules.{E1}.tip", "Wait {.", f"rules[{E1}].tip", "there is nothing to fill in for {"),
    (f"rules.{E1}.also", "pizza", f"rules[{E1}].also", "this has to be  or crisis or poison"),
    (f"rules.{E1}.colour", "red", f"rules[{E1}].colour", "this section is not known"),
    ("thresholds.0.safer", "up", "thresholds[0].safer", "this has to be lower or higher"),
    ("thresholds.0.value", "4", "thresholds[0].value", "this has to be a number from 0 to 999"),
    ("thresholds.0.value", True, "thresholds[0].value", "this has to be a number from 0 to 999"),
    ("thresholds.0.value", -1, "thresholds[0].value", "this has to be a number from 0 to 999"),
    ("thresholds.0.value", 1000, "thresholds[0].value", "this has to be a number from 0 to 999"),
    ("questions.0.key", "any-now", "questions[0].key", "this may not hold a hyphen"),
    ("questions.0.tiles", [], "questions[0].tiles", "this has to hold 2 to 5 items"),
    ("questions.0.wait", "an_hour", "questions[0].wait", "there is no threshold of this name"),
    ("questions.0.text", "Wait {minutes}?", "questions[0].text", "there is nothing to fill in for {minutes}"),
    ("questions.0.text", "", "questions[0].text", "this is empty"),
    ("flow.0.question", "first", "flow[0].question", "there is no question of this name"),
    ("flow.1.question", "any_now", "flow[1].question", "this key is already used at flow[0].question"),
    ("flow.1.when", "self_harm is yes", "flow[1].when", "self_harm is not asked before this"),
    ("acts.0.level", "urgent", "acts[0].level", "this has to be routine"),
    ("acts", CONTENT["acts"][:4], "acts", "this has to hold 5 items"),
    ("status", "perhaps", "status", "this has to be unsigned or signed"),
]


@pytest.mark.parametrize(("path", "value", "told_at", "message"), WRONG)
def test_what_is_wrong_is_told_with_its_path(path: str, value: Any, told_at: str, message: str) -> None:
    assert (told_at, message) in problem(path, value)


def test_a_scale_has_no_answer_besides_but_not_sure() -> None:
    pain = at("questions", key="pain")
    assert problem(f"questions.{pain}.tiles.0.key", "bad") == [
        (f"questions[{pain}].tiles[0].key", "a number has no answer besides but not_sure")
    ]


def test_a_wrong_question_is_not_told_again_by_each_rule_that_names_it() -> None:
    assert problem("questions.0.key", 7) == [("questions[0].key", "this has to be text")]


ANY_JSON = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12) | st.lists(st.text(), max_size=2)
)


def _paths(value: Any, path: str = "") -> list[str]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [found for name, item in items for found in (f"{path}{name}", *_paths(item, f"{path}{name}."))]


@settings(max_examples=150, deadline=None)
@given(path=st.sampled_from(_paths(CONTENT)), value=ANY_JSON)
def test_any_value_anywhere_is_read_or_refused(path: str, value: Any) -> None:
    try:
        rules = read(changed(path, value))
    except ProtocolErrors as raised:
        assert raised.errors  # noqa: PT017
    else:
        assert read(plain_part(rules)) == rules


def test_every_condition_and_every_question_can_be_reached() -> None:
    asked = {step.question for step in RULES.flow}
    assert {question.key for question in RULES.questions} - asked == {"phq9_item9"}
    conditions = [*(rule.when for rule in RULES.rules), *(step.when for step in RULES.flow if step.when)]
    used = {value for when in conditions for test in comparisons_in(parse_condition(when)) for value in test.values}
    in_words = json.dumps(CONTENT["questions"]) + json.dumps(CONTENT["acts"])
    unused = [each.key for each in RULES.thresholds if each.key not in used and each.key not in in_words]
    assert unused == []


def test_each_threshold_says_which_way_is_safer() -> None:
    higher = {each.key for each in RULES.thresholds if each.safer == "higher"}
    assert higher == {"bp_low_top", "bp_low_bottom"}


@pytest.mark.parametrize(
    ("key", "value"), [("pain_severe", 6), ("pain_severe", 7), ("bp_low_top", 95), ("fever_low", 100)]
)
def test_a_clinic_may_go_the_safer_way(key: str, value: float) -> None:
    own = tightened(RULES, {key: value})
    assert own.threshold(key) == value
    others = {name: line for name, line in own.values().items() if name != key}
    assert others == {name: line for name, line in RULES.values().items() if name != key}


@pytest.mark.parametrize(
    ("key", "value", "sentence"),
    [
        ("pain_severe", 7.5, "Severe headache from: this may be at most 7 of 10."),
        ("bp_low_top", 89, "Low blood pressure, top number below: this may be at least 90 mmHg."),
        ("fever_low", 101, "Fever from: this may be at most 100.4 °F."),
        ("pain_severe", -1, "Severe headache from: this has to be a number from 0 to 999."),
        ("pain_severe", float("nan"), "Severe headache from: this has to be a number from 0 to 999."),
        ("bp_low_top", 1000, "Low blood pressure, top number below: this has to be a number from 0 to 999."),
        ("pain_worst", 3, "There is no threshold called pain_worst."),
    ],
)
def test_a_clinic_may_not_go_the_other_way(key: str, value: float, sentence: str) -> None:
    with pytest.raises(UnsafeThreshold) as raised:
        tightened(RULES, {key: value})
    assert str(raised.value) == sentence


def test_the_digest_stands_for_this_content_and_a_clinics_own_numbers() -> None:
    first = digest_triage(RULES)
    assert first == digest_triage(replace(RULES))
    assert len(first) == 64
    assert digest_triage(tightened(RULES, {})) == first
    assert digest_triage(tightened(RULES, {"pain_severe": 7})) == first
    assert digest_triage(tightened(RULES, {"pain_severe": 6})) != first
    assert digest_triage(replace(RULES, rules=RULES.rules[1:])) != first


@pytest.mark.parametrize("key", pack_keys())
def test_a_version_made_from_a_pack_holds_its_own_copy(key: str) -> None:
    document = read_pack(key)
    assert document.triage == RULES
    stored = json.loads(json.dumps(dump(document)))
    assert parse(stored).triage == RULES
    assert load(yaml.safe_dump(stored, allow_unicode=True)) == document


def without_triage(document: ProtocolDocument) -> ProtocolDocument:
    return replace(document, triage=None)


@pytest.mark.parametrize("key", pack_keys())
def test_a_stored_version_from_before_the_rules_keeps_its_digest(key: str) -> None:
    old = {name: value for name, value in dump(read_pack(key)).items() if name != "triage"}
    document = parse(old)
    assert document == without_triage(read_pack(key))
    assert dump(document) == old
    assert digest(document) != digest(read_pack(key))


def test_the_shared_files_are_no_protocols() -> None:
    assert "triage" not in pack_keys()
    assert "triage_golden" not in pack_keys()
    assert set(golden_content()) == {rule.id for rule in RULES.rules}


def test_each_question_can_be_asked_and_answered() -> None:
    for question in RULES.questions:
        page = question_page(question.key, context=Context(route="iv", hours=3), rules=RULES)
        assert possible_answers(page)
        assert page.label == question.label
