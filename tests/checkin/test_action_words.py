"""The words of the action page and of the questions: the act first, easy to read, and nothing that may not be said."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given, settings

from aftercare.words import found_words
from checkin.conditions import AnsweredBy
from checkin.flow import gaps_of, question_page
from checkin.triage import Context, triage
from checkin.words import ActionNumbers, ActionWords, AnswerLine, Call, action_words, answer_lines
from tests.checkin.answers import ANY, CONTEXTS, RULES
from tests.reading import grade, sentences, words
from tests.timeline.test_packs import NEVER_SAID, UNKIND, UNKIND_PHRASES
from timeline.levels import LEVELS, RED, Level

IV = Context(route="iv", hours=3)
US = ActionNumbers(
    emergency="911",
    crisis_name="988 Suicide & Crisis Lifeline",
    crisis_call="988",
    crisis_text="988",
    clinic_phone="+15550100142",
    clinic_display="555-010-0142",
    is_reachable=True,
    poison="1-800-222-1222",
)
WHO: tuple[AnsweredBy, ...] = ("patient", "escort", "staff")
AT = {
    Level.ROUTINE: {"stomach": "queasy"},
    Level.CALL_TODAY: {"stomach": "vomited"},
    Level.URGENT: {"sips": "hours"},
    Level.CRISIS: {"self_harm": "yes"},
    Level.EMERGENCY: {"any_now": "chest"},
}


def page(
    answers: dict[str, str], *, numbers: ActionNumbers = US, answered_by: AnsweredBy = "patient", context: Context = IV
) -> ActionWords:
    got = triage(answers, context=context, rules=RULES)
    return action_words(got, answers, rules=RULES, numbers=numbers, answered_by=answered_by)


def shown(calls: tuple[Call, ...]) -> list[str]:
    return [f"{call.kind}:{call.number}" for call in calls]


@pytest.mark.parametrize(
    ("level", "heading"),
    [
        (Level.ROUTINE, "Keep resting"),
        (Level.CALL_TODAY, "Call the clinic today"),
        (Level.URGENT, "Call the clinic now"),
        (Level.CRISIS, "Call or text 988 now"),
        (Level.EMERGENCY, "Call 911 now"),
    ],
)
def test_the_heading_is_the_act(level: Level, heading: str) -> None:
    got = page(AT[level])
    assert (got.level, got.heading) == (level, heading)


def test_whom_to_call_comes_in_the_order_of_need() -> None:
    assert shown(page(AT[Level.ROUTINE]).calls) == []
    assert shown(page(AT[Level.CALL_TODAY]).calls) == ["tel:+15550100142"]
    assert shown(page(AT[Level.URGENT]).calls) == ["tel:+15550100142", "tel:911"]
    assert shown(page(AT[Level.CRISIS]).calls) == ["tel:988", "sms:988", "tel:911", "tel:+15550100142"]
    assert shown(page(AT[Level.EMERGENCY]).calls) == ["tel:911", "tel:+15550100142"]
    assert shown(page({"self_harm": "plan"}).calls) == ["tel:911", "tel:988", "sms:988", "tel:+15550100142"]


def test_each_button_holds_its_digits_as_text() -> None:
    labels = [call.label for call in page({"self_harm": "plan"}).calls]
    assert labels == ["Call 911", "Call 988", "Text 988", "Call the clinic, 555-010-0142"]
    bare = replace(US, clinic_display="")
    assert page(AT[Level.CALL_TODAY], numbers=bare).calls[0].label == "Call the clinic, +15550100142"


def test_poison_help_is_offered_where_something_was_taken_and_where_there_is_one() -> None:
    assert shown(page({"took": "sleepy"}).calls) == ["tel:911", "tel:1-800-222-1222", "tel:+15550100142"]
    assert shown(page({"took": "well"}).calls) == ["tel:+15550100142", "tel:911", "tel:1-800-222-1222"]
    assert "Poison Help" not in str(page({"took": "sleepy"}, numbers=replace(US, poison="")).calls)


@pytest.mark.parametrize("numbers", [replace(US, is_reachable=False), replace(US, clinic_phone="")])
def test_a_clinic_that_cannot_be_reached_is_no_number_to_call(numbers: ActionNumbers) -> None:
    for level in LEVELS:
        got = page(AT[level], numbers=numbers)
        assert not [call for call in got.calls if "clinic" in call.label]
        assert not got.heading.startswith("Call the clinic")
    assert page(AT[Level.URGENT], numbers=numbers).heading == "Go to urgent care now"
    assert shown(page(AT[Level.URGENT], numbers=numbers).calls) == ["tel:911"]
    assert "urgent care" in " ".join(page(AT[Level.CALL_TODAY], numbers=numbers).lines)


def test_a_country_nobody_knows_has_words_and_no_dead_button() -> None:
    got = page(AT[Level.EMERGENCY], numbers=ActionNumbers(emergency=""))
    assert (got.heading, got.calls) == ("Call your local emergency number now", ())


def test_a_country_without_a_crisis_line_leads_a_crisis_to_its_emergency_number() -> None:
    got = page(AT[Level.CRISIS], numbers=ActionNumbers(emergency="112"))
    assert (got.level, got.heading, shown(got.calls)) == (Level.CRISIS, "Call 112 now", ["tel:112"])


@pytest.mark.parametrize(
    ("call", "text", "heading"),
    [
        ("116 123", "", "Call 116 123 now"),
        ("", "741741", "Text 741741 now"),
        ("988", "741741", "Call 988 or text 741741 now"),
    ],
)
def test_a_crisis_line_is_named_by_the_ways_it_has(call: str, text: str, heading: str) -> None:
    numbers = ActionNumbers(emergency="112", crisis_call=call, crisis_text=text)
    assert page(AT[Level.CRISIS], numbers=numbers).heading == heading


def test_kind_words_come_first_where_somebody_may_die_by_their_own_hand() -> None:
    assert page({"self_harm": "plan"}).lines[0] == "You matter. Help is here now."
    assert page({"self_harm": "yes"}).lines[0] == "You matter. Help is here now."
    assert page({"any_now": "chest", "self_harm": "yes"}).lines[0] == "You matter. Help is here now."
    assert page({"any_now": "chest"}).lines[0] == "Do not drive."
    assert page({"self_harm": "plan"}, answered_by="escort").lines[0] == "You did right to tell us. Help is here now."


def test_an_emergency_says_what_to_do_until_help_comes() -> None:
    assert page(AT[Level.EMERGENCY]).lines == (
        "Do not drive.",
        "Unlock the door.",
        "Ask someone to stay with you. Hand them the phone.",
    )
    assert page(AT[Level.EMERGENCY], answered_by="escort").lines[0] == "Stay with them. They do not drive."


def test_the_one_act_of_a_rule_comes_before_the_rest() -> None:
    assert page({"drove": "driving"}).lines[:2] == ("Stop the car. Park it.", "Tell them what you told us here.")
    assert page({"drove": "driving"}).tips == ()


def test_nobody_waits_longer_than_the_clinics_own_line_for_an_answer() -> None:
    assert "No answer in 15 minutes? Go to urgent care or an emergency room." in page(AT[Level.URGENT]).lines


def test_a_call_back_can_be_asked_for_where_nothing_presses() -> None:
    assert [level for level in LEVELS if page(AT[level]).ask] == [Level.ROUTINE, Level.CALL_TODAY]


def test_tips_are_of_what_was_answered_and_then_of_all() -> None:
    assert page(AT[Level.ROUTINE]).tips == ("Take tiny sips. Wait with food.", "Take small sips. Get up slowly.")
    assert page({}).tips == ("Take small sips. Get up slowly.",)


def test_what_to_say_is_made_from_the_answers_worst_first() -> None:
    answers = {"head": "ache", "pain": "8", "pills": "no_help", "stomach": "queasy"}
    assert page(answers).say == (
        "I had a treatment at a clinic. My head hurts, 8 out of 10. A pain pill did not help. I feel sick to my stomach."
    )
    assert page({"bp": "190/110", "bp_repeat": "185/100"}).say == (
        "I had a treatment at a clinic. The second time it was 185 over 100. My blood pressure is 190 over 110."
    )
    assert page({"any_now": "chest"}, answered_by="escort").say == (
        "I am with someone who had a treatment at a clinic. Their chest hurts, or it is hard for them to breathe."
    )
    assert page({"pain": "not_sure"}).say == "I had a treatment at a clinic. My head hurts."
    assert page({}).say == ""


def test_no_more_is_said_than_can_be_read_out() -> None:
    everything = {"sips": "hours", "fall": "hurt", "clear": "lost", "odd": "see_hear", "feeling": "low"}
    assert len(sentences(page(everything).say)) <= 6
    assert page(everything).say.count("I am mixed up.") == 0
    assert page({"clear": "lost"}).say.endswith("I am mixed up. I can’t tell where I am.")


def test_staff_read_the_answers_in_the_order_of_the_pages() -> None:
    answers = {"bp": "190/110", "pain": "8", "stomach": "vomited", "any_now": "none", "fever": "low", "gone": "yes"}
    assert answer_lines(answers, rules=RULES) == (
        AnswerLine("Signs of an emergency", "None of these", is_bad=False),
        AnswerLine("Fever", "100.4 °F or more", is_bad=True),
        AnswerLine("Stomach", "I threw up", is_bad=True),
        AnswerLine("Headache, 0 to 10", "8 of 10", is_bad=True),
        AnswerLine("Blood pressure", "190/110", is_bad=True),
    )
    assert answer_lines({"pain": "3"}, rules=RULES) == (AnswerLine("Headache, 0 to 10", "3 of 10", is_bad=False),)


@settings(max_examples=200, deadline=None)
@given(answers=ANY, context=CONTEXTS)
def test_any_answers_have_words(answers: dict[str, str], context: Context) -> None:
    for who in WHO:
        got = page(answers, answered_by=who, context=context)
        assert got.heading
        assert 1 <= len(got.lines) <= 5
        assert not re.search(r"[{}]", " ".join((got.heading, *got.lines, *got.tips, got.say)))
    assert len(answer_lines(answers, rules=RULES)) == len(answers)


def action_pages() -> Iterator[tuple[str, Level, ActionWords]]:
    """Each level for each reader, with a clinic that answers and with one that does not."""
    for who, numbers, level in product(WHO, (US, replace(US, is_reachable=False)), LEVELS):
        yield f"{level} for {who}, {numbers.is_reachable}", level, page(AT[level], numbers=numbers, answered_by=who)
    for tip in {rule.tip for rule in RULES.rules if rule.tip}:
        rule = next(each for each in RULES.rules if each.tip == tip)
        yield f"tip of {rule.id}", rule.level, replace(page({}), heading="", lines=(tip,), tips=(), say="")


def question_pages() -> Iterator[tuple[str, str]]:
    for question, who in product(RULES.questions, ("patient", "escort")):
        asked = question_page(question.key, context=replace(IV, answered_by=who), rules=RULES)  # type: ignore[arg-type]
        lines = [asked.text, asked.hint, asked.least, asked.most]
        yield f"{question.key} for {who}", "\n".join([*lines, *(f"{t.text}\n{t.note}" for t in asked.tiles)])


def said() -> Iterator[tuple[str, str]]:
    for question in RULES.questions:
        yield question.key, question.say.replace("{answer}", "8")
        yield f"{question.key} for an escort", question.escort_say.replace("{answer}", "8")
        for tile in question.tiles:
            yield f"{question.key} {tile.key}", tile.say
            yield f"{question.key} {tile.key} for an escort", tile.escort_say


def texts() -> list[tuple[str, str]]:
    pages = [(name, "\n".join((got.heading, *got.lines, *got.tips, got.say))) for name, _, got in action_pages()]
    return [*pages, *question_pages(), *((name, text) for name, text in said() if text)]


def test_every_question_is_easy_to_read() -> None:
    assert {name: grade(text) for name, text in question_pages() if grade(text) > 6} == {}


def test_the_action_pages_are_easier_still_where_it_presses() -> None:
    hard = {
        name: grade("\n".join((got.heading, *got.lines, *got.tips)))
        for name, level, got in action_pages()
        if grade("\n".join((got.heading, *got.lines, *got.tips))) > (5 if level in RED else 6)
    }
    assert hard == {}


def test_what_is_read_out_is_easy() -> None:
    assert {name: grade(text) for name, text in said() if grade(text) > 5} == {}


def test_no_sentence_is_long() -> None:
    assert [one for _, text in texts() for one in sentences(text) if len(one.split()) > 18] == []


def test_nothing_is_said_that_may_not_be_said() -> None:
    for name, text in texts():
        plain = text.casefold()
        found = found_words(text, UNKIND)
        found += [phrase for phrase in (*UNKIND_PHRASES, *NEVER_SAID) if phrase in plain]
        assert (name, found) == (name, [])
        assert not re.search(r"[!\u2600-\u27bf\U0001f300-\U0001faff]", text), name


def test_nobody_is_promised_a_call_or_told_of_somebody_who_reads_along() -> None:
    promised = re.compile(r"\b(?:we|they|nurse|someone) will\b|\bwill call\b|\bwe told\b|\bwe see\b|\balways here\b")
    assert [name for name, text in texts() if promised.search(text.casefold())] == []


def test_no_number_and_no_medicine_stands_in_the_pack() -> None:
    raw = [
        *(text for _, text in said()),
        *(line for act in RULES.acts for line in (act.heading, *act.lines, *act.tips)),
    ]
    raw += [text for question in RULES.questions for text in (question.text, question.hint)]
    assert [text for text in raw if re.search(r"\b(?:911|988|112|999)\b", text)] == []
    assert [text for text in raw if found_words(text, {"ketamine", "esketamine", "spravato", "benzo", "opioid"})] == []


def test_the_escort_is_told_neither_medicine_nor_illness() -> None:
    words_of_escort = [text for name, text in texts() if "escort" in name]
    told = {"ketamine", "esketamine", "spravato", "depression", "bipolar", "psychosis", "infusion", "spray"}
    assert [text for text in words_of_escort if found_words(text, told)] == []


def test_every_question_says_why_it_asks_and_has_at_most_five_answers() -> None:
    for question in RULES.questions:
        assert question.hint
        assert len(question.tiles) <= 5
        assert "not_sure" in {tile.key for tile in question.tiles}
        assert len(words(question.label)) <= 5


def test_every_bad_answer_can_be_read_out() -> None:
    pages = [question for question in RULES.questions if question.key != "phq9_item9"]
    mute = [
        f"{question.key} {tile.key}"
        for question in pages
        for tile in question.tiles
        if page({question.key: tile.key}).level in RED and not (tile.say and tile.escort_say)
    ]
    assert mute == []


def test_a_threshold_of_the_pack_fills_every_gap() -> None:
    assert gaps_of(RULES)["fever_low"] == "100.4"
    assert gaps_of(RULES)["nausea_hours"] == "8"
    assert gaps_of(RULES)["fever_very_c"] == "39.4"
