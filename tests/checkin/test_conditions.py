"""Conditions: what holds at its line and not below it, and what can't be read."""

from __future__ import annotations

from typing import Any

import pytest

from checkin.conditions import Context, asked_about, holds
from timeline.triage_conditions import Comparison, Every, NotACondition, Some, parse_condition

LINES = {"four": 4.0, "line": 90.0, "twenty": 20.0}
IV = Context(route="iv", hours=3)


def met(text: str, context: Context = IV, **answers: str) -> bool:
    return holds(parse_condition(text), answers, context=context, thresholds=LINES)


def at(**known: Any) -> Context:
    return Context(**{"route": "iv", "hours": 3, **known})


def test_and_binds_before_or_and_brackets_before_both() -> None:
    a, b, c = (Comparison(name, "holds", ()) for name in "abc")
    assert parse_condition("a or b and c") == Some((a, Every((b, c))))
    assert parse_condition("(a or b) and c") == Every((Some((a, b)), c))
    assert parse_condition("a and b and c") == Every((a, b, c))
    assert parse_condition("x is y/z") == Comparison("x", "is", ("y", "z"))


UNREADABLE = [
    "",
    "a and",
    "and a",
    "(a",
    "a)",
    "a b",
    "x is",
    "x is y/",
    "x >=",
    "x >= >= y",
    "not a",
    "x = y",
    "A",
    "((((((((((a))))))))))",
    "or",
    "x is and",
]


@pytest.mark.parametrize("text", UNREADABLE)
def test_what_is_no_condition_is_refused(text: str) -> None:
    with pytest.raises(NotACondition):
        parse_condition(text)


@pytest.mark.parametrize(
    ("pain", "is_met"), [("3", False), ("4", True), ("5", True), ("not_sure", False), ("x", False)]
)
def test_a_scale_is_met_at_its_line(pain: str, is_met: bool) -> None:
    assert met("pain >= four", pain=pain) is is_met
    assert met("pain < four", pain=pain) is (pain == "3")


def test_what_is_not_answered_meets_nothing() -> None:
    assert not met("pain >= four")
    assert not met("pain < four")
    assert not met("clear is foggy")
    assert not met("bp.top < line")
    assert not met("bp.top < line", bp="not_sure")


def test_both_numbers_of_a_pressure_are_compared_each_for_itself() -> None:
    assert met("bp.top < line", bp="89/60")
    assert not met("bp.top < line", bp="90/60")
    assert met("bp.bottom >= line", bp="120/90")
    assert not met("bp.bottom >= line", bp="120/89")


def test_a_rise_is_the_larger_of_both_and_needs_a_reading_at_discharge() -> None:
    assert met("bp.rise >= twenty", at(discharge=(120, 80)), bp="140/80")
    assert met("bp.rise >= twenty", at(discharge=(120, 80)), bp="120/100")
    assert not met("bp.rise >= twenty", at(discharge=(120, 80)), bp="139/99")
    assert not met("bp.rise >= twenty", at(), bp="200/120")


def test_a_drop_is_from_sitting_to_standing() -> None:
    assert met("bp_stand.drop >= twenty", bp="120/80", bp_stand="100/80")
    assert not met("bp_stand.drop >= twenty", bp="120/80", bp_stand="101/80")
    assert not met("bp_stand.drop >= twenty", bp_stand="100/80")
    assert not met("bp_stand.drop >= twenty", bp="not_sure", bp_stand="100/80")


def test_hours_count_from_hour_zero_and_not_before() -> None:
    assert met("hours >= four", at(hours=4))
    assert not met("hours >= four", at(hours=3.99))
    assert not met("hours >= four", at(hours=None))
    assert not met("hours < four", at(hours=None))
    assert met("hours < four", at(hours=0))


def test_what_is_known_of_the_moment_is_compared_like_an_answer() -> None:
    assert met("route is im/spravato", at(route="im"))
    assert not met("route is im/spravato", at(route="iv"))
    assert met("flag is pregnant", at(flags=frozenset({"pregnant", "diabetes"})))
    assert not met("flag is pregnant", at(flags=frozenset({"diabetes"})))
    assert met("moment is bedtime", at(moment="bedtime"))
    assert met("answered_by is escort", at(answered_by="escort"))
    assert not met("route is iv", at(route="im"), route="iv")


@pytest.mark.parametrize("fact", ["is_next_day", "has_cuff", "asks_directly", "is_alone_tonight"])
def test_a_fact_holds_or_does_not(fact: str) -> None:
    assert met(fact, at(**{fact: True}))
    assert not met(fact, at())


def test_an_earlier_answer_is_not_one_of_now() -> None:
    assert met("clear was clear", at(earlier={"clear": "clear"}))
    assert not met("clear was clear", at(earlier={}), clear="clear")
    assert not met("clear is clear", at(earlier={"clear": "clear"}))


def test_all_of_it_or_some_of_it() -> None:
    assert met("a is x and b is x", a="x", b="x")
    assert not met("a is x and b is x", a="x", b="y")
    assert met("a is x or b is x", a="y", b="x")
    assert not met("a is x or b is x", a="y", b="y")


def test_only_what_holds_is_told() -> None:
    condition = parse_condition("bp.top >= line and (a is x or b is x) and hours < four and c was x")
    told = asked_about(
        condition, {"bp": "120/80", "a": "y", "b": "x", "c": "x"}, context=at(earlier={"c": "x"}), thresholds=LINES
    )
    assert told == ("bp", "b")
