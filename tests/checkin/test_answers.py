"""What can be taken as an answer, and the sentence for what can't."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkin.answers import AnswerError, number_of, possible_answers, read_answer, reading_of
from checkin.conditions import Context
from checkin.flow import question_page
from tests.checkin.answers import RULES
from tests.reading import grade, sentences
from timeline.triage_document import Question


def page(key: str) -> Question:
    return question_page(key, context=Context(route="iv", hours=3), rules=RULES)


STOMACH, PAIN, PRESSURE = page("stomach"), page("pain"), page("bp")


def test_a_tile_is_stored_by_its_key() -> None:
    assert read_answer(STOMACH, {"answer": "queasy"}) == "queasy"
    assert read_answer(STOMACH, {"answer": " not_sure "}) == "not_sure"


@pytest.mark.parametrize("answer", ["0", "7", "10", "not_sure"])
def test_a_scale_runs_from_0_to_10(answer: str) -> None:
    assert read_answer(PAIN, {"answer": answer}) == answer


@pytest.mark.parametrize("answer", ["11", "-1", "07", "7.5", "seven"])
def test_a_number_beyond_the_scale_is_refused(answer: str) -> None:
    with pytest.raises(AnswerError, match="one of the answers on this page"):
        read_answer(PAIN, {"answer": answer})


@pytest.mark.parametrize("posted", [{}, {"answer": ""}, {"answer": "  "}, {"other": "queasy"}])
def test_no_answer_is_told_in_words(posted: dict[str, str]) -> None:
    for question in (STOMACH, PAIN):
        with pytest.raises(AnswerError, match=r"^Pick one answer to go on\.$"):
            read_answer(question, posted)


@pytest.mark.parametrize("answer", ["chest", "5", "QUEASY"])
def test_an_answer_of_another_page_is_refused(answer: str) -> None:
    with pytest.raises(AnswerError, match="one of the answers on this page"):
        read_answer(STOMACH, {"answer": answer})


@pytest.mark.parametrize(
    ("top", "bottom", "stored"),
    [("150", "95", "150/95"), (" 120 ", "080", "120/80"), ("50", "20", "50/20"), ("300", "200", "300/200")],
)
def test_a_blood_pressure_is_two_numbers(top: str, bottom: str, stored: str) -> None:
    assert read_answer(PRESSURE, {"top": top, "bottom": bottom}) == stored


def test_who_can_not_measure_says_so() -> None:
    assert read_answer(PRESSURE, {"answer": "not_sure", "top": "", "bottom": ""}) == "not_sure"


IMPOSSIBLE = [
    ("", "", "both numbers"),
    ("150", "", "both numbers"),
    ("", "95", "both numbers"),
    ("abc", "95", "in digits"),
    ("150", "9.5", "in digits"),
    ("1500", "95", "in digits"),
    ("-50", "95", "in digits"),
    ("١٥٠", "95", "in digits"),
    ("49", "30", "top number can be 50 to 300"),
    ("301", "95", "top number can be 50 to 300"),
    ("150", "19", "bottom number can be 20 to 200"),
    ("250", "201", "bottom number can be 20 to 200"),
    ("95", "150", "top number is the larger"),
    ("120", "120", "top number is the larger"),
]


@pytest.mark.parametrize(("top", "bottom", "words"), IMPOSSIBLE)
def test_an_impossible_blood_pressure_is_refused_in_words(top: str, bottom: str, words: str) -> None:
    with pytest.raises(AnswerError, match=words) as raised:
        read_answer(PRESSURE, {"top": top, "bottom": bottom})
    text = str(raised.value)
    assert grade(text) <= 6
    assert all(len(one.split()) <= 18 for one in sentences(text))


def test_a_blood_pressure_needs_no_tile_but_not_sure() -> None:
    with pytest.raises(AnswerError, match="both numbers"):
        read_answer(PRESSURE, {"answer": "150/95"})


@given(st.dictionaries(st.sampled_from(["answer", "top", "bottom"]), st.text(max_size=8)))
def test_whatever_is_posted_is_an_answer_or_a_sentence(posted: dict[str, str]) -> None:
    for question in (STOMACH, PAIN, PRESSURE):
        try:
            answer = read_answer(question, posted)
        except AnswerError as error:
            assert str(error).endswith(".")  # noqa: PT017
        else:
            assert answer in possible_answers(question) or reading_of(answer)


@pytest.mark.parametrize(
    ("answer", "number"), [("0", 0), ("10", 10), ("11", None), ("", None), ("not_sure", None), ("²", None)]
)
def test_only_a_scale_has_a_number(answer: str, number: int | None) -> None:
    assert number_of(answer) == number


@pytest.mark.parametrize(
    ("answer", "reading"),
    [("150/95", (150, 95)), ("not_sure", None), ("150", None), ("150/", None), ("150/95/3", None), ("1500/95", None)],
)
def test_only_a_blood_pressure_has_a_reading(answer: str, reading: tuple[int, int] | None) -> None:
    assert reading_of(answer) == reading
