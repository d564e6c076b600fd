"""The check of the checker: each rule about messages, broken once, is told; and a run in which all held tells nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.chaos.prompt_acts import acts
from tests.chaos.prompt_figures import (
    CANCELLED,
    FAILED,
    NEEDS,
    SENT,
    SKIPPED,
    UNKNOWN,
    WAITING,
    Act,
    Fate,
    broken_rules,
    calm_stretches,
    facts,
    outage_facts,
    tally,
)
from tests.chaos.prompt_people import moments, noon
from tests.chaos.prompts import read

KEPT = Fate(
    *(1, SENT, "sms", 100.0, 400.0),
    ended_at=103.0,
    arrived=(102.0,),
    begun=((101.0, "sms"),),
    outcomes=("accepted",),
    ways=("sms", "email"),
)
TRIED = (101.0, "sms")
LATE = replace(KEPT, id=2, state=SKIPPED, ended_at=401.0, arrived=(), begun=(), outcomes=())
UNCLEAR = replace(KEPT, id=3, state=UNKNOWN, outcomes=("ambiguous",))
FAULTS = (120.0, 200.0, 290.0, 380.0)
CALM = calm_stretches(FAULTS, begins=0.0, ends=1000.0)


def broken(*fates: Fate, acts: tuple[Act, ...] = ()) -> list[str]:
    return broken_rules(tally([KEPT, *fates], acts, CALM))


def test_a_run_in_which_all_rules_held_tells_nothing() -> None:
    found = tally([KEPT, LATE, UNCLEAR], [Act(1, "stop", 101.5), Act(3, "correct", 50.0)], CALM)
    assert broken_rules(found) == []
    assert (found.ended["sent"], found.ended["skipped"], found.unknown_arrived) == (1, 1, {"sms": 1})
    assert found.latencies == [2.0]
    assert found.acts == {"stop": 1, "correct": 1}


def test_what_may_have_come_and_did_not_is_told_by_its_cause() -> None:
    killed = replace(UNCLEAR, arrived=(), outcomes=("",), reason="lost in flight")
    unclear = replace(UNCLEAR, way="email", arrived=(), reason="no clear answer")
    found = tally([KEPT, killed, unclear, unclear], [], CALM)
    assert facts(found)["unknown_not_arrived"] == {"sms, lost in flight": 1, "email, no clear answer": 2}
    assert broken_rules(found) == []


def test_an_outage_is_told_by_what_fell_due_in_it() -> None:
    """What waited until it was over is seen; and what came before it, and after it, is not in it."""
    later = replace(KEPT, due_at=120.0, window_ends_at=900.0, arrived=(310.0,))
    found = outage_facts([KEPT, LATE, later, replace(KEPT, due_at=99.0)], begins=100.0, ends=300.0)
    assert (found["due"], found["windows_that_end_in_it"], found["arrived_in_it"]) == (3, 0, 1)
    assert found["seconds_late"]["max"] == 190.0
    assert outage_facts([KEPT, LATE], begins=100.0, ends=401.0)["windows_that_end_in_it"] == 2


@pytest.mark.parametrize(
    ("fate", "sentence"),
    [
        (replace(KEPT, arrived=(102.0, 140.0)), "1 messages arrived twice"),
        (replace(UNCLEAR, way="email", arrived=(102.0, 140.0)), "1 messages arrived twice"),
        (UNCLEAR, "1 texts arrived, nobody did anything"),
        (replace(KEPT, arrived=()), "1 messages are called sent and never arrived"),
        (replace(LATE, arrived=(102.0,)), "1 messages arrived, and their rows say that they did not leave"),
        (replace(KEPT, state=WAITING), "1 messages had no end"),
        (replace(KEPT, begun=((99.0, "sms"),)), "1 flights began outside the window"),
        (replace(KEPT, begun=((401.0, "sms"),)), "1 flights began outside the window"),
        (replace(LATE, ended_at=390.0), "1 messages were skipped before"),
        (replace(LATE, due_at=379.0, window_ends_at=380.0 + NEEDS, ended_at=999.0), "1 messages were lost"),
        (replace(UNCLEAR, arrived=(), outcomes=("not_accepted", "refused")), "1 messages are unknown"),
    ],
)
def test_each_broken_rule_is_told(fate: Fate, sentence: str) -> None:
    (told,) = broken(fate)
    assert told.startswith(sentence)


def test_what_is_shown_in_the_app_reaches_no_provider() -> None:
    assert not broken(replace(KEPT, way="in_app", arrived=(), begun=(), outcomes=(), ways=()))


@pytest.mark.parametrize(
    ("state", "way", "sentence"),
    [
        (CANCELLED, "sms", "900 messages were cancelled"),
        (FAILED, "sms", "900 messages failed"),
        (SENT, "in_app", "900 messages are in the app alone"),
    ],
)
def test_an_engine_that_lets_nothing_leave_is_told(state: int, way: str, sentence: str) -> None:
    ended = replace(LATE, state=state, way=way, ended_at=103.0)
    (told,) = broken(*(replace(ended, id=number) for number in range(10, 910)))
    assert told.startswith(sentence)


@pytest.mark.parametrize(
    ("values", "act"),
    [
        ({"state": CANCELLED}, "visit"),
        ({"state": CANCELLED}, "correct"),
        ({"state": FAILED, "begun": (TRIED, (102.0, "email")), "outcomes": ("refused", "ambiguous")}, ""),
        ({"way": "in_app", "begun": (TRIED, (102.0, "email")), "outcomes": ("refused", "refused")}, ""),
        ({"way": "in_app", "begun": (TRIED,), "outcomes": ("refused",), "ways": ("sms",)}, ""),
        ({"way": "in_app", "ways": ("sms",)}, "stop"),
        # nobody asks a provider that wants quiet until its window is over
        ({"way": "in_app", "ended_at": 340.0}, ""),
    ],
)
def test_what_did_not_leave_has_a_cause(values: dict[str, Any], act: str) -> None:
    fate = replace(LATE, **{"state": SENT, "ended_at": 103.0, **values})
    assert not broken(fate, acts=(Act(2, act, 100.0),) if act else ())
    (told,) = broken(replace(fate, begun=(), ways=("sms", "email"), ended_at=103.0))
    assert told.split(maxsplit=2)[2].startswith(("were cancelled", "failed", "are in the app"))


def test_a_flight_before_a_correction_kept_to_another_window() -> None:
    assert not broken(
        replace(KEPT, due_at=150.0, arrived=(160.0,), begun=((101.0, "sms"), (155.0, "sms")), moved_at=110.0)
    )


@pytest.mark.parametrize(
    ("kind", "way", "is_told"), [("stop", "sms", True), ("stop", "email", False), ("visit", "email", True)]
)
def test_nothing_begins_after_what_ends_it(kind: str, way: str, is_told: bool) -> None:
    fate = replace(KEPT, id=9, begun=((101.0, way),))
    assert bool(broken(fate, acts=(Act(9, kind, 100.5),))) == is_told
    assert not broken(fate, acts=(Act(9, kind, 101.5),))


def test_a_run_that_sent_nothing_is_no_success() -> None:
    assert broken_rules(tally([LATE], [], CALM)) == ["nothing was sent: nothing was tried"]


def test_the_same_seed_draws_the_same_messages_and_acts() -> None:
    assert list(moments(50, seconds=60, seed=1)) == list(moments(50, seconds=60, seed=1))
    windows = [window.total_seconds() for _, window, _ in moments(50, seconds=60, seed=1, longest=900)]
    assert min(windows) < 600 < max(windows)
    drawn = list(acts(200, seconds=60, seed=1))
    assert drawn == sorted(drawn) == list(acts(200, seconds=60, seed=1))
    assert len({place for _, place, _, _ in drawn}) == len(drawn) == 24


@pytest.mark.parametrize("hour", [0, 9, 12, 23])
def test_it_is_noon_for_everybody(hour: int) -> None:
    at = datetime(2026, 11, 28, hour, 30, tzinfo=UTC)
    assert at.astimezone(ZoneInfo(noon(at))).hour == 12


@pytest.mark.parametrize(
    "wrong", [["--n", "0"], ["--n", "20001"], ["--rate", "0"], ["--rate", "21"], ["--valkey-off", "601"]]
)
def test_what_can_not_be_run_is_refused(wrong: list[str]) -> None:
    with pytest.raises(SystemExit):
        read(wrong)
