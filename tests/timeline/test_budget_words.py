"""The line that says how many messages are still to come."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from timeline.budget_words import budget_line
from timeline.document import QuietHours

NEW_YORK = ZoneInfo("America/New_York")
AT = datetime(2026, 11, 24, 14, 15, tzinfo=NEW_YORK)
NINE_TO_EIGHT = QuietHours(time(21), time(8))


@pytest.mark.parametrize(
    ("hours", "line"),
    [
        ((), "No more messages are planned."),
        ((3,), "One more, at about 5:15 pm. None from 9 pm to 8 am."),
        ((-0.5,), "One more, at about 2:15 pm. None from 9 pm to 8 am."),
        ((18.25, 3, 6, 1), "Four more. The last at about 8:30 am tomorrow. None from 9 pm to 8 am."),
        ((1,) * 11, "11 more. The last at about 3:15 pm. None from 9 pm to 8 am."),
    ],
)
def test_the_line_says_how_many_the_last_one_and_the_night(hours: tuple[float, ...], line: str) -> None:
    times = [AT + timedelta(hours=hour) for hour in hours]
    assert budget_line(times, NINE_TO_EIGHT, NEW_YORK, AT) == line


def test_hours_that_are_never_quiet_are_not_spoken_of() -> None:
    line = budget_line([AT + timedelta(hours=1)], QuietHours(time(8), time(8)), NEW_YORK, AT)
    assert line == "One more, at about 3:15 pm."
