"""What a provider is asked to take, and what says that an address takes nothing any more: by table."""

from __future__ import annotations

from datetime import timedelta

import pytest

from prompts.pressure import (
    FEW_HOLD,
    FLIGHT,
    LONGEST_HOLD,
    SLOW,
    SMALL_FLIGHT,
    UNWELL_LASTS,
    hold_for,
    next_flight,
)
from prompts.refusals import is_dead

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


@pytest.mark.parametrize(
    ("wishes", "unwell", "of", "expected"),
    [
        ([], 0, 20, None),
        ([SECOND], 1, 20, SECOND),
        ([SECOND, 9 * SECOND], 2, 20, 9 * SECOND),
        # said once, it may be of one number; said to many, it is for everybody
        ([timedelta(hours=1)], 1, 1, FEW_HOLD),
        ([5 * MINUTE] * 2, 2, 2, FEW_HOLD),
        ([2 * MINUTE] * 3, 3, 20, FEW_HOLD),
        ([2 * MINUTE] * 3, 3, 3, 2 * MINUTE),
        ([timedelta(hours=1)] * 10, 10, 20, LONGEST_HOLD),
        # one that is busy for itself is asked again by its own row
        ([], 2, 2, None),
        ([], 3, 3, UNWELL_LASTS),
        ([], 9, 20, None),
        ([], 10, 20, UNWELL_LASTS),
        ([SECOND], 20, 20, UNWELL_LASTS),
    ],
)
def test_a_provider_gets_the_quiet_that_it_needs(
    wishes: list[timedelta], unwell: int, of: int, expected: timedelta | None
) -> None:
    assert hold_for(wishes, unwell=unwell, of=of) == expected


@pytest.mark.parametrize(
    ("wishes", "of", "expected"),
    [([5 * MINUTE], 1, None), ([5 * MINUTE] * 3, 20, None), ([2 * MINUTE] * 3, 4, 2 * MINUTE)],
)
def test_one_phones_service_holds_no_other_phone(wishes: list[timedelta], of: int, expected: timedelta | None) -> None:
    assert hold_for(wishes, unwell=len(wishes) if expected else 0, of=of, is_one=False) == expected


def test_flights_shrink_for_a_slow_provider_and_grow_again() -> None:
    slow, quick = [SLOW * 2] * 3, [SECOND / 10] * 2 + [SLOW * 9]
    sizes = [FLIGHT]
    for lasted in (slow, slow, slow, quick, quick, quick):
        sizes.append(next_flight(sizes[-1], lasted))
    assert sizes == [20, 10, SMALL_FLIGHT, 5, 10, 20, FLIGHT]


@pytest.mark.parametrize(
    ("way", "code", "expected"),
    [
        *[("sms", code, True) for code in ("21211", "21610", "21614", "30005", "30006")],
        *[("sms", code, False) for code in ("", "21606", "30003", "30007", "20429", "no connection", "5.1.1")],
        *[("email", code, True) for code in ("550 5.1.1", "553 5.1.3", "550 5.2.1")],
        # full today; or something against us, which would end every address at once
        *[("email", code, False) for code in ("", "552 5.2.2", "550", "550 5.7.1", "554 5.7.26", "21211")],
        ("push", "gone", False),
    ],
)
def test_only_what_is_said_of_the_address_itself_ends_it(way: str, code: str, expected: bool) -> None:
    assert is_dead(way, code) is expected
