"""One page: sealed and read back as it was, and measured against one printed sheet."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journal.one_page import LINE, MOST_LINES, OnePage, Part, date_words, fits_one_sheet, lines_of
from journal.themes import OFFERED, join, offered, read, split

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
PARTS = st.builds(
    Part,
    kind=st.sampled_from(["themes", "entry", "line", "question"]),
    text=TEXT,
    heading=TEXT,
    entry=TEXT,
    is_whole=st.booleans(),
)


@given(st.lists(PARTS, max_size=4), TEXT)
def test_a_page_is_read_as_it_was_sealed(parts: list[Part], written: str) -> None:
    page = OnePage(tuple(parts), written=written, zone="UTC")
    assert OnePage.read(page.dump()) == page


def test_a_page_in_plain_words_has_headings_and_blank_lines() -> None:
    page = OnePage((Part("themes", "Home\nRest", heading="What stands out"), Part("entry", "A line.")), "", "UTC")
    assert page.plain == "What stands out\nHome\nRest\n\nA line."


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", 1),
        ("A", 1),
        ("A\nB", 2),
        ("A\n\nB", 3),
        ("x" * LINE, 1),
        ("x" * (LINE + 1), 2),
        ("静" * (LINE // 2 + 1), 2),
    ],
)
def test_lines_are_counted_as_they_are_printed(text: str, lines: int) -> None:
    assert lines_of(text) == lines


def test_headings_count_too() -> None:
    part = Part("entry", "\n".join("A" * (MOST_LINES // 4)), heading="When")
    assert fits_one_sheet([part] * 2)
    assert not fits_one_sheet([part] * 4)


def test_a_date_names_its_year_and_never_yesterday() -> None:
    at = datetime(2026, 11, 28, 2, 14, tzinfo=UTC)
    assert date_words(at, ZoneInfo("America/New_York")) == "Friday, November 27, 2026, 9:14 pm"


def test_feelings_are_offered_before_the_usual_words_and_once() -> None:
    assert offered(["Sad", "Family", "Sad"]) == ("Sad", "Family", *(each for each in OFFERED if each != "Family"))


def test_themes_are_read_as_they_were_kept() -> None:
    kept = ("Home", "The blue door")
    assert read(join(kept)) == kept
    assert split(kept, OFFERED) == (["Home"], ["The blue door"])
    assert read("") == ()
