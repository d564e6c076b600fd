"""One question a page: short while all is calm, deeper where an answer is bad, and over where help comes first."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checkin.answers import possible_answers
from checkin.flow import closed_answers, next_question, page_number, question_before, question_page
from checkin.path import question_path
from checkin.triage import Context, triage
from tests.checkin.answers import CONTEXTS, KNOWN, RULES, answer_of
from timeline.document import Route
from timeline.levels import Level, rank
from timeline.triage_document import Question, tightened

IV = Context(route="iv", hours=4.5, asks_directly=True)
CALM = {"any_now": "none", "clear": "clear", "stomach": "fine", "head": "none", "feeling": "calm", "self_harm": "no"}


def keys(context: Context = IV, **answers: str) -> list[str]:
    """The keys of the pages in order when these are answered, and everything else calmly where it can be."""
    shown: dict[str, str] = {}
    while question := next_question(shown, context=context, rules=RULES):
        if question.key not in CALM | answers:
            return [*shown, question.key]
        shown[question.key] = answers.get(question.key, CALM.get(question.key, ""))
    return list(shown)


def following(context: Context = IV, /, **answers: str) -> str | None:
    question = next_question(answers, context=context, rules=RULES)
    return question.key if question else None


def test_a_calm_check_in_takes_seven_taps_with_the_start() -> None:
    assert keys() == ["any_now", "clear", "stomach", "head", "feeling", "self_harm"]
    assert 1 + len(keys()) <= 7
    assert 1 + len(keys(replace(IV, has_cuff=True, answered_by="escort"))) <= 7
    assert keys(replace(IV, asks_directly=False)) == ["any_now", "clear", "stomach", "head", "feeling"]


def test_the_first_page_asks_for_the_worst() -> None:
    assert following() == "any_now"


@pytest.mark.parametrize("answer", ["chest", "collapse"])
def test_an_emergency_is_followed_by_no_question(answer: str) -> None:
    assert following(any_now=answer) is None


@pytest.mark.parametrize("answer", ["yes", "wish", "plan", "not_sure"])
def test_a_crisis_is_followed_by_no_question(answer: str) -> None:
    assert following(IV, **{**CALM, "feeling": "low", "self_harm": answer}) is None
    unfinished = {"any_now": "none", "clear": "clear", "self_harm": answer}
    assert following(IV, **unfinished) is None


def test_what_is_urgent_asks_only_what_it_opened_and_the_direct_question() -> None:
    assert keys(clear="lost", stay="yes") == ["any_now", "clear", "stay", "self_harm"]
    assert keys(replace(IV, asks_directly=False), clear="lost", stay="yes") == ["any_now", "clear", "stay"]


def test_a_low_mood_opens_the_direct_question_at_any_time() -> None:
    calm = replace(IV, asks_directly=False)
    assert keys(calm, feeling="low")[-1] == "self_harm"
    assert keys(calm, feeling="not_sure")[-1] == "self_harm"
    assert keys(calm, feeling="tender")[-1] == "feeling"


FOLLOW_UPS = [
    ({"any_now": "other"}, "other"),
    ({"any_now": "not_sure"}, "other"),
    ({"any_now": "other", "other": "unsteady"}, "unsteady"),
    ({"any_now": "other", "other": "unsteady", "unsteady": "fell"}, "fall"),
    ({"any_now": "other", "other": "unsteady", "unsteady": "fell", "fall": "head"}, "thinner"),
    ({"any_now": "other", "other": "body"}, "body"),
    ({"any_now": "other", "other": "body", "body": "heart"}, "heart"),
    ({"any_now": "other", "other": "body", "body": "fever"}, "fever"),
    ({"any_now": "other", "other": "body", "body": "skin"}, "skin"),
    ({"any_now": "other", "other": "body", "body": "pee"}, "pee"),
    ({"any_now": "other", "other": "took"}, "took"),
    ({"any_now": "other", "other": "mind"}, "mind"),
    ({"any_now": "other", "other": "mind", "mind": "odd"}, "odd"),
    ({"any_now": "other", "other": "mind", "mind": "odd", "odd": "harm_others"}, "harm_now"),
    ({"any_now": "other", "other": "mind", "mind": "wired"}, "wired"),
    ({"any_now": "other", "other": "mind", "mind": "drove"}, "drove"),
    ({"any_now": "none", "clear": "worse"}, "worse"),
    ({"any_now": "none", "clear": "lost"}, "stay"),
    ({"any_now": "none", "clear": "clear", "stomach": "queasy"}, "queasy_long"),
    ({"any_now": "none", "clear": "clear", "stomach": "vomited"}, "sips"),
    ({"any_now": "none", "clear": "clear", "stomach": "not_sure"}, "sips"),
    ({"any_now": "none", "clear": "clear", "stomach": "vomited", "sips": "stay"}, "times"),
    ({"any_now": "none", "clear": "clear", "stomach": "vomited", "sips": "short", "times": "few"}, "dry"),
    ({"any_now": "none", "clear": "clear", "stomach": "fine", "head": "ache"}, "pain"),
    ({"any_now": "none", "clear": "clear", "stomach": "fine", "head": "ache", "pain": "3"}, "feeling"),
    ({"any_now": "none", "clear": "clear", "stomach": "fine", "head": "ache", "pain": "4"}, "head_signs"),
    (
        {"any_now": "none", "clear": "clear", "stomach": "fine", "head": "ache", "pain": "4", "head_signs": "no"},
        "pills",
    ),
    ({**CALM, "feeling": "afraid"}, "fear"),
    ({**CALM, "feeling": "afraid", "fear": "4"}, "fear_how"),
    ({**CALM, "feeling": "afraid", "fear": "3"}, None),
]


@pytest.mark.parametrize(
    ("answers", "then"), FOLLOW_UPS, ids=[str(then) + str(at) for at, (_, then) in enumerate(FOLLOW_UPS)]
)
def test_a_bad_answer_opens_its_follow_up(answers: dict[str, str], then: str | None) -> None:
    assert following(IV, **answers) == then


DIZZY = {**CALM, "any_now": "other", "other": "unsteady", "unsteady": "dizzy"}
CUFF = replace(IV, has_cuff=True)


def test_blood_pressure_is_asked_only_of_those_with_a_cuff_and_a_reason() -> None:
    assert following(CUFF, **CALM) is None
    assert following(IV, **DIZZY) is None
    assert following(CUFF, **DIZZY) == "bp"
    ache = {**CALM, "head": "ache", "pain": "4", "head_signs": "no", "pills": "none", "head_long": "no"}
    assert following(CUFF, **ache) == "bp"
    assert following(CUFF, **{**CALM, "head": "ache", "pain": "3"}) is None
    racing = {**CALM, "any_now": "other", "other": "body", "body": "heart", "heart": "brief"}
    assert following(CUFF, **racing) == "bp"


@pytest.mark.parametrize("reading", ["160/90", "150/100", "180/90", "150/120"])
def test_a_raised_pressure_is_measured_again_after_five_minutes(reading: str) -> None:
    answers = {**DIZZY, "bp": reading}
    assert following(CUFF, **answers) == "bp_signs"
    question = next_question({**answers, "bp_signs": "no"}, context=CUFF, rules=RULES)
    assert question is not None
    assert (question.key, question.wait_minutes, question.text) == ("bp_repeat", 5, "Sit 5 minutes, then measure again")


@pytest.mark.parametrize("reading", ["89/60", "90/59"])
def test_a_low_pressure_is_measured_again_lying_down(reading: str) -> None:
    answers = {**DIZZY, "bp": reading}
    assert following(CUFF, **answers) == "low_signs"
    question = next_question({**answers, "low_signs": "no"}, context=CUFF, rules=RULES)
    assert question is not None
    assert (question.key, question.wait_minutes) == ("bp_low_repeat", 15)


def test_nobody_whose_pressure_is_low_or_who_nearly_fainted_is_asked_to_stand() -> None:
    assert following(CUFF, **DIZZY, bp="120/80") == "bp_stand"
    assert "bp_stand" not in question_path({**DIZZY, "bp": "89/60"}, context=CUFF, rules=RULES)
    faint = {**DIZZY, "unsteady": "near_faint", "bp": "120/80"}
    assert "bp_stand" not in question_path(faint, context=CUFF, rules=RULES)


def test_back_leads_to_the_page_before_and_pages_are_counted() -> None:
    answers = {"any_now": "none", "clear": "worse", "worse": "sleepier"}
    before = question_before(answers, "worse", context=IV, rules=RULES)
    assert before is not None
    assert before.key == "clear"
    assert question_before(answers, "any_now", context=IV, rules=RULES) is None
    assert question_before(answers, "fall", context=IV, rules=RULES) is None
    assert [page_number(answers, key, context=IV, rules=RULES) for key in ("any_now", "clear", "worse", "fall")] == [
        1,
        2,
        3,
        0,
    ]


def test_a_correction_leaves_out_what_it_no_longer_opens() -> None:
    answers = {"any_now": "none", "clear": "clear", "worse": "hard_to_wake", "stomach": "fine"}
    assert closed_answers(answers, context=IV, rules=RULES) == {"any_now": "none", "clear": "clear", "stomach": "fine"}


def test_an_answer_that_stands_is_never_left_out_even_after_an_emergency() -> None:
    answers = {**CALM, "any_now": "chest", "stomach": "bad", "self_harm": "yes"}
    assert closed_answers(answers, context=IV, rules=RULES) == answers


def test_words_are_for_whoever_answers() -> None:
    escort = replace(IV, answered_by="escort")
    assert question_page("worse", context=escort, rules=RULES).text == "Can they be woken?"
    assert question_page("worse", context=IV, rules=RULES).text == "What changed?"
    assert question_page("worse", context=replace(IV, answered_by="staff"), rules=RULES).text == "What changed?"
    tile = question_page("any_now", context=escort, rules=RULES).tiles[1]
    assert tile.text == "Passed out, had a fit, or can’t be woken"
    assert tile.note.startswith("Or can’t answer.")
    assert question_page("fall", context=escort, rules=RULES).tiles[1].text == "A head bump, nothing else"
    own = question_page("any_now", context=escort, rules=RULES).tiles[0]
    assert own.note == "Or a swollen face, tongue, or throat"


def test_a_spray_has_no_needle_spot() -> None:
    def tiles(route: Route) -> list[str]:
        return [tile.key for tile in question_page("skin", context=replace(IV, route=route), rules=RULES).tiles]

    assert tiles("spravato") == ["hives", "rash", "not_sure"]
    assert "site_bad" in tiles("iv")


def test_a_threshold_stands_in_the_words_and_moves_with_the_clinics_own() -> None:
    own = tightened(RULES, {"nausea_hours": 6, "bp_repeat_minutes": 1})
    assert question_page("queasy_long", context=IV, rules=own).text == "Has it been 6 hours or more?"
    assert question_page("bp_repeat", context=IV, rules=own).wait_minutes == 1
    assert question_page("fever", context=IV, rules=RULES).tiles[0].note == "39.4 °C"


def test_a_page_that_is_not_there_is_an_error() -> None:
    with pytest.raises(KeyError):
        question_page("nothing", context=IV, rules=RULES)


def answered(question: Question, data: st.DataObject) -> str:
    rule = RULES.question(question.key)
    assert rule is not None
    drawn = data.draw(answer_of(rule))
    return drawn if "/" in drawn or drawn in possible_answers(question) else possible_answers(question)[0]


@settings(max_examples=200, deadline=None)
@given(context=CONTEXTS, data=st.data())
def test_every_way_through_ends(context: Context, data: st.DataObject) -> None:
    """Within 24 pages, with no page twice; and with an end where help comes first."""
    shown: dict[str, str] = {}
    while question := next_question(shown, context=context, rules=RULES):
        assert question.key not in shown
        assert rank(triage(shown, context=context, rules=RULES).level) < rank(Level.CRISIS)
        shown[question.key] = answered(question, data)
        assert len(shown) <= 24
    assert closed_answers(shown, context=context, rules=RULES) == shown


@settings(max_examples=200, deadline=None)
@given(answers=KNOWN, context=CONTEXTS)
def test_the_next_page_is_never_one_that_is_answered(answers: dict[str, str], context: Context) -> None:
    question = next_question(answers, context=context, rules=RULES)
    assert question is None or question.key not in answers
    standing = closed_answers(answers, context=context, rules=RULES)
    assert standing.items() <= answers.items()
    assert next_question(standing, context=context, rules=RULES) == question
