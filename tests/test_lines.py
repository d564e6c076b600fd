"""A time and a day are read in one piece, wherever the line ends."""

import pytest

from aftercare.templatetags.lines import unbroken


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("5:50 am tomorrow", "5:50\N{NO-BREAK SPACE}am tomorrow"),
        ("2 pm to 11 pm", "2\N{NO-BREAK SPACE}pm to 11\N{NO-BREAK SPACE}pm"),
        ("9 am on Sat, Dec 5.", "9\N{NO-BREAK SPACE}am on Sat, Dec\N{NO-BREAK SPACE}5."),
        ("May 2026, Octo 5, in Mar", "May 2026, Octo 5, in Mar"),
        ("2 amber cups at noon", "2 amber cups at noon"),
        ("", ""),
    ],
)
def test_a_time_never_parts_before_am_or_pm_nor_a_day_after_its_month(text: str, shown: str) -> None:
    assert unbroken(text) == shown
