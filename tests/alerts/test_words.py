"""What a page says fits one text and tells nothing; and the code in it is read however it is typed."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from aftercare.words import NOTICE_WORDS, found_words
from alerts.codes import codes_in, make_alert_code
from alerts.words import have_it, page_call, page_text, taken_by
from prompts.words import plain_message

BOARD = "https://aftercare.example.org/staff/alerts/"
LONG_BOARD = f"https://{'a' * 60}.example.org/staff/alerts/"


@pytest.mark.parametrize("board", [BOARD, LONG_BOARD])
def test_a_page_is_one_text_for_the_longest_sender(board: str) -> None:
    text = plain_message(page_text(code="7K2", board=board), sender_name="x" * 24).text
    assert len(text) <= 160 and "reply 7K2 to take it" in text.casefold().replace("7k2", "7K2")


def test_a_page_says_where_and_how() -> None:
    assert page_text(code="7K2", board=BOARD) == f"Somebody needs you now. Open {BOARD} or reply 7K2 to take it."
    assert "7, K, 2. Again: 7, K, 2." in page_call(code="7K2")


def test_no_page_tells_anything() -> None:
    said = [page_text(code="7K2", board=BOARD), page_call(code="7K2"), have_it(BOARD)]
    assert [found_words(text, NOTICE_WORDS) for text in said] == [[], [], []]


def test_who_took_it_is_told_on_the_clinics_clock() -> None:
    at = datetime(2026, 11, 24, 20, 5, tzinfo=UTC)
    assert taken_by("Ana Ruiz, MD", at, ZoneInfo("America/New_York")) == "Ana Ruiz, MD took it at 3:05 pm."


@pytest.mark.parametrize(
    "body",
    ["7K2", "7k2", " 7k2 ", "7 K 2", "7k 2", "7-K-2", "I take 7K2.", "take 7 k2 please", "ok,7K2!", "7K2\n-- Ines"],
)
def test_the_code_is_read_however_it_is_typed(body: str) -> None:
    assert "7K2" in codes_in(body)


@pytest.mark.parametrize(("body", "code"), [("IK0", "1K0"), ("lKO", "1K0"), ("7k2b", "7K2B")])
def test_letters_that_look_like_digits_are_forgiven(body: str, code: str) -> None:
    assert codes_in(body) == (code,)


@pytest.mark.parametrize(
    "body", ["", "yes", "I have it", "call 911", "STOP", "on my way", "I am on it", "700", "K2K", "\u0663K2", "ALL"]
)
def test_other_words_are_no_code(body: str) -> None:
    assert codes_in(body) == ()


def test_several_codes_are_read_in_order() -> None:
    assert codes_in("7K2 and 4B9") == ("7K2", "4B9")


@pytest.mark.parametrize("length", [3, 4])
def test_a_code_that_is_made_is_read(length: int) -> None:
    for _ in range(200):
        code = make_alert_code(length)
        assert len(code) == length and codes_in(f"Take {code}!") == (code,)
