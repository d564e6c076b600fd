"""What the answers ask for: the highest wins, and nothing lowers it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checkin.triage import Context, Triage, level_alone, triage
from tests.checkin.answers import ANY, CONTEXTS, FLAGS, KNOWN, RULES
from timeline.levels import LEVELS, Level, rank
from timeline.triage_document import tightened

IV = Context(route="iv", hours=3)


def of(context: Context = IV, **answers: str) -> Triage:
    return triage(answers, context=context, rules=RULES)


def test_no_answers_ask_for_nothing() -> None:
    assert of() == Triage(Level.ROUTINE)


def test_the_highest_wins_and_the_worst_comes_first() -> None:
    got = of(stomach="queasy", self_harm="wish", head="sudden", fall="fine")
    assert (got.level, got.rules) == (Level.EMERGENCY, ("H1", "S3", "E9c", "V5"))
    assert got.reasons[0] == "Sudden or worst headache, or headache with other signs"
    assert got.told == ("head", "self_harm", "fall", "stomach")


def test_the_same_reason_is_told_once() -> None:
    assert of(any_now="collapse").reasons == ("Passed out, seizure, weakness, or hard to wake",)


def test_not_sure_is_told_by_its_question() -> None:
    got = of(stomach="not_sure")
    assert (got.level, got.rules, got.reasons) == (Level.CALL_TODAY, ("not_sure:stomach",), ("Not sure: Stomach",))
    assert got.told == ("stomach",)


def test_a_crisis_is_shown_in_an_emergency_too() -> None:
    assert of(self_harm="yes").has_crisis
    assert of(self_harm="yes", any_now="chest").has_crisis
    assert of(self_harm="plan").has_crisis
    assert of(self_harm="not_sure").has_crisis
    assert of(phq9_item9="not_sure").has_crisis
    assert not of(any_now="chest", self_harm="no").has_crisis


def test_poison_help_comes_with_what_was_taken() -> None:
    assert of(took="well").offers_poison_help
    assert of(took="sleepy").offers_poison_help
    assert not of(any_now="chest").offers_poison_help


@pytest.mark.parametrize("flag", ["heart_or_kidney", "pregnant", "psychosis_or_bipolar"])
def test_a_flag_that_counts_raises_by_one_from_call_today(flag: str) -> None:
    flagged = replace(IV, flags=frozenset({flag}))
    assert of(flagged, stomach="queasy").level == Level.ROUTINE
    assert of(flagged, stomach="vomited").level == Level.URGENT
    assert of(flagged, stomach="vomited", times="many").level == Level.EMERGENCY
    assert of(flagged, stomach="vomited").raised_by == (flag,)
    assert of(flagged, stomach="queasy").raised_by == ()


@pytest.mark.parametrize("flag", ["high_blood_pressure", "limits_salt", "diabetes", "blood_thinner"])
def test_a_flag_that_does_not_count_raises_nothing(flag: str) -> None:
    assert of(replace(IV, flags=frozenset({flag})), stomach="vomited").level == Level.CALL_TODAY


def test_many_flags_raise_no_more_than_one() -> None:
    everything = replace(IV, flags=frozenset(FLAGS), is_alone_tonight=True)
    got = of(everything, stomach="vomited")
    assert (got.level, got.raised_by) == (
        Level.URGENT,
        ("heart_or_kidney", "pregnant", "psychosis_or_bipolar", "alone_tonight"),
    )


def test_a_flag_makes_no_crisis_and_lifts_none() -> None:
    flagged = replace(IV, flags=frozenset(FLAGS), is_alone_tonight=True)
    assert of(flagged, self_harm="yes").level == Level.CRISIS
    assert of(flagged, self_harm="yes").raised_by == ()
    assert of(flagged, any_now="chest").raised_by == ()


def test_only_what_lifted_the_level_is_named() -> None:
    flagged = replace(IV, flags=frozenset({"pregnant"}))
    assert of(flagged, any_now="chest", stomach="vomited").raised_by == ()


def test_being_alone_is_no_sign_of_its_own_for_itself() -> None:
    alone = replace(IV, is_alone_tonight=True)
    assert of(alone).level == Level.ROUTINE
    assert of(alone, mind="alone").level == Level.CALL_TODAY
    assert of(mind="alone", stomach="vomited").level == Level.URGENT


def test_tips_are_for_the_worst_where_it_cannot_wait_and_for_all_else() -> None:
    assert of(stomach="vomited", head="ache").tips == (
        "Take tiny sips. Wait with food.",
        "Lie down in a dark room. Use a cool cloth.",
    )
    assert of(drove="driving", head="ache").tips == ("Stop the car. Park it.",)
    assert of(any_now="chest", head="ache").tips == ()
    assert of(replace(IV, flags=frozenset({"pregnant"})), stomach="vomited").tips == ()
    assert of(replace(IV, flags=frozenset({"pregnant"})), unsteady="near_faint").tips == (
        "Lie down. Put your legs up.",
    )


def test_an_answer_alone_has_a_level_whatever_is_known() -> None:
    assert level_alone("any_now", "chest", rules=RULES) == Level.EMERGENCY
    assert level_alone("self_harm", "wish", rules=RULES) == Level.CRISIS
    assert level_alone("mind", "alone", rules=RULES) == Level.CALL_TODAY
    assert level_alone("clear", "foggy", rules=RULES) == Level.ROUTINE
    assert level_alone("pain", "7", rules=RULES) == Level.CALL_TODAY
    assert level_alone("nothing", "at all", rules=RULES) == Level.ROUTINE


def test_before_hour_zero_nothing_is_late() -> None:
    assert of(replace(IV, hours=None), clear="foggy").level == Level.ROUTINE
    assert of(replace(IV, hours=None), worse="sleepier").level == Level.CALL_TODAY


@settings(max_examples=300, deadline=None)
@given(answers=ANY, context=CONTEXTS)
def test_any_answers_have_a_level_and_the_same_one_each_time(answers: dict[str, str], context: Context) -> None:
    got = triage(answers, context=context, rules=RULES)
    assert got == triage(dict(reversed(answers.items())), context=context, rules=RULES) or set(got.told) <= set(answers)
    assert got.level == triage(dict(reversed(answers.items())), context=context, rules=RULES).level
    assert len(got.reasons) <= len(got.rules)


@settings(max_examples=300, deadline=None)
@given(answers=KNOWN, more=KNOWN, context=CONTEXTS)
def test_one_more_answer_never_lowers_the_level(
    answers: dict[str, str], more: dict[str, str], context: Context
) -> None:
    fewer = triage(answers, context=context, rules=RULES)
    both = triage(more | answers, context=context, rules=RULES)
    assert rank(both.level) >= rank(fewer.level)
    assert both.has_crisis >= fewer.has_crisis


@settings(max_examples=200, deadline=None)
@given(answers=KNOWN, context=CONTEXTS, flag=st.sampled_from(FLAGS), later=st.floats(0, 30))
def test_a_flag_a_lonely_night_or_a_later_hour_never_lowers_it(
    answers: dict[str, str], context: Context, flag: str, later: float
) -> None:
    before = rank(triage(answers, context=context, rules=RULES).level)
    for worse in (
        replace(context, flags=context.flags | {flag}),
        replace(context, is_alone_tonight=True),
        replace(context, hours=(context.hours or 0) + later),
        replace(context, is_next_day=True),
    ):
        assert rank(triage(answers, context=worse, rules=RULES).level) >= before


@settings(max_examples=200, deadline=None)
@given(answers=KNOWN, context=CONTEXTS, data=st.data())
def test_a_safer_threshold_never_lowers_it(answers: dict[str, str], context: Context, data: st.DataObject) -> None:
    threshold = data.draw(st.sampled_from(RULES.thresholds))
    span = (0, threshold.value) if threshold.safer == "lower" else (threshold.value, 999)
    safer = tightened(RULES, {threshold.key: data.draw(st.floats(*span))})
    before = triage(answers, context=context, rules=RULES)
    after = triage(answers, context=context, rules=safer)
    assert rank(after.level) >= rank(before.level)


@settings(max_examples=200, deadline=None)
@given(answers=KNOWN, context=CONTEXTS)
def test_flags_raise_at_most_one_step_and_never_a_routine_answer(answers: dict[str, str], context: Context) -> None:
    plain = triage(answers, context=replace(context, flags=frozenset(), is_alone_tonight=False), rules=RULES).level
    got = triage(answers, context=context, rules=RULES).level
    steps = {
        Level.CALL_TODAY: {Level.CALL_TODAY, Level.URGENT},
        Level.URGENT: {Level.URGENT, Level.EMERGENCY},
        Level.CRISIS: {Level.CRISIS, Level.EMERGENCY},
    }
    if "blood_thinner" not in context.flags:
        assert got in steps.get(plain, {plain})
    assert set(LEVELS) >= {got}
