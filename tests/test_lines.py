"""A time is read in one piece, wherever the line ends."""

import pytest

from aftercare.templatetags.lines import unbroken


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("5:50 am tomorrow", "5:50\N{NO-BREAK SPACE}am tomorrow"),
        ("2 pm to 11 pm", "2\N{NO-BREAK SPACE}pm to 11\N{NO-BREAK SPACE}pm"),
        ("2 amber cups at noon", "2 amber cups at noon"),
        ("", ""),
    ],
)
def test_a_time_never_parts_before_am_or_pm(text: str, shown: str) -> None:
    assert unbroken(text) == shown
