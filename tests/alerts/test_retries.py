"""What follows a page that was not taken. A table, without a database."""

from __future__ import annotations

from datetime import timedelta

import pytest

from alerts.retries import MOST_TRIES, after_failure, other
from alerts.states import NoticeChannel
from prompts.states import Outcome

BUSY, UNCLEAR, REFUSED = Outcome.NOT_ACCEPTED, Outcome.AMBIGUOUS, Outcome.REFUSED


@pytest.mark.parametrize("outcome", [BUSY, UNCLEAR])
@pytest.mark.parametrize(("tries", "seconds"), [(1, 2), (2, 4), (3, 8), (4, 15), (5, 30), (6, 30), (7, 30)])
def test_it_is_tried_again_later_and_later(outcome: Outcome, tries: int, seconds: int) -> None:
    failed = after_failure(tries=tries, outcome=outcome)
    assert failed.again_in == timedelta(seconds=seconds)
    assert failed.tries_other_channel == (tries >= 2)
    assert not failed.hurries_next_step


@pytest.mark.parametrize(("asked", "seconds"), [(1, 2), (10, 10), (30, 30), (31, 30), (3600, 30)])
def test_the_provider_is_waited_for_but_never_above_30_seconds(asked: int, seconds: int) -> None:
    failed = after_failure(tries=1, outcome=BUSY, retry_after=timedelta(seconds=asked))
    assert failed.again_in == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("tries", "outcome", "again_in"),
    [
        (1, REFUSED, None),
        (MOST_TRIES, BUSY, timedelta(seconds=30)),
        (MOST_TRIES + 300, UNCLEAR, timedelta(seconds=30)),
    ],
)
def test_in_the_end_the_next_step_and_the_other_channel_come_at_once(
    tries: int, outcome: Outcome, again_in: timedelta | None
) -> None:
    """And a provider that is only away is asked for as long as the alert is open."""
    failed = after_failure(tries=tries, outcome=outcome)
    assert failed.again_in == again_in
    assert failed.tries_other_channel and failed.hurries_next_step


def test_what_was_taken_needs_no_next_try() -> None:
    with pytest.raises(ValueError, match="no next try"):
        after_failure(tries=1, outcome=Outcome.ACCEPTED)


def test_the_other_channel() -> None:
    assert (other(NoticeChannel.SMS), other(NoticeChannel.VOICE)) == (NoticeChannel.VOICE, NoticeChannel.SMS)
