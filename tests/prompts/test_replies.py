"""What a text to us asks for: STOP is heard in many ways, and before all else."""

from __future__ import annotations

import pytest

from prompts.replies import means_danger


@pytest.mark.parametrize(
    "words",
    [
        *("help me", "I want to DIE", "i dont want to live", "can\u2019t breathe", "CAN'T BREATHE!!", "911"),
        *("Stop. I will kill myself", "he won\u2019t wake up", "no puedo respirar", "Ay\u00fadame", "chest  pain\n"),
    ],
)
def test_words_of_danger_are_found(words: str) -> None:
    assert means_danger(words)


@pytest.mark.parametrize(
    "words", ["", "thank you", "I feel fine", "diet", "skilled", "1911", "When do you open?", "HELP"]
)
def test_other_words_mean_no_danger(words: str) -> None:
    assert not means_danger(words)
