"""What follows a try that was not accepted, by table."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from prompts.channels.sending import read_retry_after
from prompts.retries import BACKOFF, FOR_NEXT_WAY, MOST_TRIES, GiveUp, NextWay, Retry, TooLate, Unknown, next_try
from prompts.states import Outcome

DAY = "Tue, 24 Nov 2026"
AT = datetime(2026, 11, 24, 18, tzinfo=UTC)
SOON, LATER = AT + timedelta(seconds=6), AT + timedelta(hours=1)


@pytest.mark.parametrize("tries", range(1, MOST_TRIES))
def test_what_was_not_taken_is_asked_again_after_a_while(tries: int) -> None:
    found = next_try(tries=tries, outcome=Outcome.NOT_ACCEPTED, at=AT, window_ends_at=LATER)
    assert found == Retry(AT + BACKOFF[tries - 1])


@pytest.mark.parametrize(
    ("tries", "outcome", "window_ends_at", "retry_after", "expected"),
    [
        (1, Outcome.AMBIGUOUS, LATER, None, Unknown()),
        (MOST_TRIES, Outcome.AMBIGUOUS, SOON, None, Unknown()),
        (1, Outcome.REFUSED, LATER, None, GiveUp("refused by the provider")),
        # no other way is left: it is asked until the window ends
        (MOST_TRIES, Outcome.NOT_ACCEPTED, LATER, None, Retry(AT + BACKOFF[-1])),
        (MOST_TRIES + 9, Outcome.NOT_ACCEPTED, LATER, None, Retry(AT + BACKOFF[-1])),
        (MOST_TRIES, Outcome.NOT_ACCEPTED, AT + BACKOFF[-1], None, GiveUp("provider busy until the window ended")),
        (2, Outcome.NOT_ACCEPTED, SOON, None, GiveUp("provider busy until the window ended")),
        (1, Outcome.NOT_ACCEPTED, SOON, None, Retry(AT + timedelta(seconds=5))),
        # at the very end of the window it is too late
        (1, Outcome.NOT_ACCEPTED, AT + timedelta(seconds=5), None, GiveUp("provider busy until the window ended")),
        # the provider's own word counts when it is longer, never when it is shorter
        (1, Outcome.NOT_ACCEPTED, LATER, timedelta(minutes=2), Retry(AT + timedelta(minutes=2))),
        (4, Outcome.NOT_ACCEPTED, LATER, timedelta(seconds=1), Retry(AT + BACKOFF[3])),
        (1, Outcome.NOT_ACCEPTED, LATER, timedelta(hours=2), GiveUp("provider busy until the window ended")),
    ],
)
def test_a_try_ends_in_one_of_three_ways(
    tries: int, outcome: Outcome, window_ends_at: datetime, retry_after: timedelta | None, expected: object
) -> None:
    found = next_try(tries=tries, outcome=outcome, at=AT, window_ends_at=window_ends_at, retry_after=retry_after)
    assert found == expected


@pytest.mark.parametrize(
    ("tries", "outcome", "window_ends_at", "retry_after", "expected"),
    [
        (1, Outcome.REFUSED, LATER, None, NextWay("email")),
        (1, Outcome.REFUSED, AT + timedelta(seconds=1), None, NextWay("email")),
        (1, Outcome.REFUSED, AT, None, TooLate()),
        (MOST_TRIES - 1, Outcome.NOT_ACCEPTED, LATER, None, Retry(AT + BACKOFF[-1])),
        (MOST_TRIES, Outcome.NOT_ACCEPTED, LATER, None, NextWay("email")),
        (MOST_TRIES + 3, Outcome.NOT_ACCEPTED, AT, None, TooLate()),
        # the next way needs time inside the window as well
        (1, Outcome.NOT_ACCEPTED, AT + BACKOFF[0] + FOR_NEXT_WAY, None, NextWay("email")),
        (1, Outcome.NOT_ACCEPTED, AT + BACKOFF[0] + FOR_NEXT_WAY * 1.01, None, Retry(AT + BACKOFF[0])),
        (1, Outcome.NOT_ACCEPTED, LATER, timedelta(hours=2), NextWay("email")),
        # what may have been taken never goes on
        (1, Outcome.AMBIGUOUS, LATER, None, Unknown()),
    ],
)
def test_with_other_ways_open_it_goes_on_by_the_next(
    tries: int, outcome: Outcome, window_ends_at: datetime, retry_after: timedelta | None, expected: object
) -> None:
    found = next_try(
        tries=tries, outcome=outcome, at=AT, window_ends_at=window_ends_at, retry_after=retry_after,
        others=("email", "in_app"),
    )  # fmt: skip
    assert found == expected


@pytest.mark.parametrize(
    ("window_ends_at", "expected"),
    [(LATER, Retry(AT + BACKOFF[-1])), (AT + BACKOFF[-1] + FOR_NEXT_WAY, NextWay("in_app"))],
)
def test_the_app_is_no_way_out_and_waits_for_the_end(window_ends_at: datetime, expected: object) -> None:
    found = next_try(
        tries=MOST_TRIES, outcome=Outcome.NOT_ACCEPTED, at=AT, window_ends_at=window_ends_at, others=("in_app",)
    )
    assert found == expected


def test_an_accepted_message_has_no_next_try() -> None:
    with pytest.raises(ValueError, match="accepted"):
        next_try(tries=1, outcome=Outcome.ACCEPTED, at=AT, window_ends_at=LATER)


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        ("7", 7),
        ("7200", 3600),
        (f"{DAY} 18:00:20 GMT", 20),
        ("Tuesday, 24-Nov-26 18:00:20 GMT", 20),
        ("Tue Nov 24 18:00:20 2026", 20),
        (f"{DAY} 23:00:00 GMT", 3600),
        (f"{DAY} 17:00:00 GMT", 0),
        *(
            (wrong, None)
            for wrong in ("", "soon", "-5", "Tue, 31 Nov 2026 18:00:00 GMT", f"{DAY}99999999999 18:00:00 GMT")
        ),
    ],
)
def test_a_provider_names_seconds_or_a_moment_of_its_own_clock(told: str, seconds: int | None) -> None:
    found = read_retry_after({"retry-after": told, "date": f"{DAY} 18:00:00 GMT"})
    assert found == (None if seconds is None else timedelta(seconds=seconds))


def test_a_moment_in_an_answer_without_a_date_says_nothing() -> None:
    assert read_retry_after({"retry-after": f"{DAY} 18:00:20 GMT"}) is None
