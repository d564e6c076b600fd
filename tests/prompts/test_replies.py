"""What a text to us asks for: STOP is heard in many ways, and before all else."""

from __future__ import annotations

import pytest

from prompts.replies import read_reply
from prompts.states import ReplyKind


@pytest.mark.parametrize(
    "words", ["STOP", "stop", " Stop. ", "STOP!!", "stopall", "Unsubscribe please", "opt out", "QUIT", "end"]
)
def test_stop_is_heard_in_many_ways(words: str) -> None:
    assert read_reply(words) == ReplyKind.STOP


@pytest.mark.parametrize("words", ["", "START", "thank you", "non-stop pain", "when does it end?", "\0", "🛑"])
def test_other_words_are_no_stop(words: str) -> None:
    assert read_reply(words) != ReplyKind.STOP


@pytest.mark.parametrize("words", ["START", "start.", "Unstop", "yes"])
def test_start_is_heard(words: str) -> None:
    assert read_reply(words) == ReplyKind.START


@pytest.mark.parametrize("words", ["HELP", "help!", "Info", "ayuda"])
def test_help_is_heard(words: str) -> None:
    assert read_reply(words) == ReplyKind.HELP


@pytest.mark.parametrize("words", ["help me", "I am afraid", "yes please come", "7K2"])
def test_other_words_are_for_a_person(words: str) -> None:
    assert read_reply(words) == ReplyKind.OTHER
