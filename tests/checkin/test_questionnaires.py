"""The validated questionnaires: their exact words, their totals, and when each is due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkin.questionnaires import ANSWERS, CREDIT, FULL, INSTRUMENTS, names_self_harm, total_of, which_due

AT = datetime(2026, 11, 28, 12, tzinfo=UTC)
DAY = timedelta(days=1)
PHQ_9 = """
Over the last 2 weeks, how often have you been bothered by any of the following problems?
Little interest or pleasure in doing things
Feeling down, depressed, or hopeless
Trouble falling or staying asleep, or sleeping too much
Feeling tired or having little energy
Poor appetite or overeating
Feeling bad about yourself — or that you are a failure or have let yourself or your family down
Trouble concentrating on things, such as reading the newspaper or watching television
Moving or speaking so slowly that other people could have noticed? Or the opposite — being so fidgety or restless that you have been moving around a lot more than usual
Thoughts that you would be better off dead or of hurting yourself in some way
"""  # noqa: E501 (as it was published)
GAD_7 = """
Over the last 2 weeks, how often have you been bothered by the following problems?
Feeling nervous, anxious or on edge
Not being able to stop or control worrying
Worrying too much about different things
Trouble relaxing
Being so restless that it is hard to sit still
Becoming easily annoyed or irritable
Feeling afraid as if something awful might happen
"""


@pytest.mark.parametrize(("kind", "published"), [("phq9", PHQ_9), ("gad7", GAD_7)])
def test_the_words_are_those_that_were_published(kind: str, published: str) -> None:
    instrument = INSTRUMENTS[kind]
    assert (instrument.stem, *instrument.items) == tuple(published.strip().splitlines())
    assert ANSWERS == ("Not at all", "Several days", "More than half the days", "Nearly every day")
    assert "No permission required to reproduce, translate, display or distribute." in CREDIT


@pytest.mark.parametrize(("short", "full"), [("phq2", "phq9"), ("gad2", "gad7")])
def test_the_short_ones_are_the_first_two_items(short: str, full: str) -> None:
    assert INSTRUMENTS[short].items == INSTRUMENTS[full].items[:2]
    assert INSTRUMENTS[short].stem == INSTRUMENTS[full].stem


@pytest.mark.parametrize(("kind", "highest"), [("phq9", 27), ("gad7", 21), ("phq2", 6), ("gad2", 6)])
def test_a_total_is_the_sum_of_all_answers(kind: str, highest: int) -> None:
    count = len(INSTRUMENTS[kind].items)
    assert INSTRUMENTS[kind].highest == highest
    assert (total_of(kind, [0] * count), total_of(kind, [3] * count)) == (0, highest)
    for wrong in ([0] * (count - 1), [0] * (count + 1), [4] * count, [-1] * count):
        with pytest.raises(ValueError, match="Each item has one answer"):
            total_of(kind, wrong)


@pytest.mark.parametrize("answer", [0, 1, 2, 3])
def test_only_the_ninth_item_of_phq_9_names_self_harm(answer: int) -> None:
    assert names_self_harm("phq9", [3] * 8 + [answer]) is (answer > 0)
    assert not names_self_harm("gad7", [3] * 7)


@pytest.mark.parametrize(
    ("visit", "answered", "due"),
    [
        (None, {}, ()),
        (7 * DAY + timedelta(minutes=1), {}, ()),
        (7 * DAY, {}, FULL),
        (timedelta(hours=1), {}, FULL),
        (-timedelta(hours=1), {}, FULL),
        (2 * DAY, {"phq9": DAY}, ("gad7",)),
        (2 * DAY, {"phq9": DAY, "gad7": DAY}, ()),
        # Answered long before this visit: it looks back over other weeks.
        (2 * DAY, {"phq9": 20 * DAY, "gad7": DAY}, ("phq9",)),
    ],
)
def test_before_the_first_visit_the_baseline_is_due_within_seven_days(
    visit: timedelta | None, answered: dict[str, timedelta], due: tuple[str, ...]
) -> None:
    first_visit_at = None if visit is None else AT + visit
    when = {kind: AT - ago for kind, ago in answered.items()}
    assert which_due(first_visit_at=first_visit_at, hour_zeros=[], answered=when, at=AT) == due


@pytest.mark.parametrize(
    ("hour_zeros", "answered", "due"),
    [
        ([timedelta(0)], {}, ()),
        ([timedelta(hours=47, minutes=59)], {}, ()),
        ([30 * DAY, timedelta(hours=5)], {"phq9": 20 * DAY, "gad7": 20 * DAY}, ()),
        ([timedelta(hours=48)], {}, FULL),
        ([10 * DAY], {"phq9": 6 * DAY, "gad7": 6 * DAY}, ()),
        ([10 * DAY], {"phq9": 13 * DAY, "gad7": 13 * DAY}, ("phq2", "gad2")),
        ([10 * DAY], {"phq9": 14 * DAY, "gad7": 13 * DAY}, ("phq9", "gad2")),
        ([12 * DAY], {"phq9": 13 * DAY, "phq2": 6 * DAY, "gad7": 13 * DAY, "gad2": 7 * DAY}, ("gad2",)),
        # Eight weeks after the first treatment: once a month.
        ([56 * DAY, 2 * DAY], {"phq9": 29 * DAY, "gad7": 30 * DAY, "phq2": DAY}, ("gad7",)),
        ([55 * DAY, 2 * DAY], {"phq9": 29 * DAY, "gad7": 30 * DAY}, FULL),
    ],
)
def test_after_it_they_come_every_two_weeks_then_monthly_and_the_short_ones_between(
    hour_zeros: list[timedelta], answered: dict[str, timedelta], due: tuple[str, ...]
) -> None:
    when = {kind: AT - ago for kind, ago in answered.items()}
    zeros = [AT - ago for ago in hour_zeros]
    assert which_due(first_visit_at=None, hour_zeros=zeros, answered=when, at=AT) == due


@given(hours=st.floats(0, 47.999), before=st.lists(st.integers(1, 200), max_size=4))
def test_nothing_is_ever_due_within_two_days_of_a_treatment(hours: float, before: list[int]) -> None:
    zeros = [AT - timedelta(hours=hours), *(AT - days * DAY for days in before)]
    assert which_due(first_visit_at=None, hour_zeros=zeros, answered={}, at=AT) == ()
