"""The check of the checker: each promise, broken once, is told; and a run in which all were kept tells nothing."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from typing import Any

import pytest

from tests.chaos.__main__ import told
from tests.chaos.figures import (
    CALM,
    UNDER_CHAOS,
    WAITING,
    Figures,
    Limits,
    Notice,
    Rows,
    Tap,
    later_facts,
    measure,
    percentile,
    verdict,
)
from tests.chaos.nemesis import KINDS, LONGEST, SHORTEST, plan

SENT, FAILED = 1, 3
RED_TAP = Tap(0, key="k1", answer="chest", flag="emergency", acknowledged_at=100.0, places=["/check-in/c1/now/"])
CALM_TAP = Tap(1, key="k2", answer="none", acknowledged_at=101.0, places=["/check-in/c2/q/worse/"])
FIRST = Notice("a1", 0, 0, "sms", SENT, is_due=True, accepted_at=100.4, arrived=1)
SECOND = replace(FIRST, accepted_at=101.5)
KEPT = Rows(
    check_ins={"k1": "c1", "k2": "c2"},
    answers={"c1": ["chest"], "c2": ["none"]},
    levels={"c1": ["emergency"], "c2": ["routine"]},
    alerts={"c1": ["a1"]},
    red_alerts=["a1"],
    notices=[FIRST, SECOND],
)


def broken(taps: list[Tap] | None = None, **changed: Any) -> list[str]:
    return verdict(measure(taps or [RED_TAP, CALM_TAP], replace(KEPT, **changed)), UNDER_CHAOS)


def test_a_run_in_which_all_promises_were_kept_tells_nothing() -> None:
    figures = measure([RED_TAP, CALM_TAP], KEPT)
    assert verdict(figures, UNDER_CHAOS) == []
    assert (figures.acknowledged, figures.red, figures.told) == (2, 1, 2)
    assert figures.latencies == pytest.approx([0.4, 1.5])


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"check_ins": {"k1": "c1"}}, "1 acknowledged check-ins lost"),
        ({"answers": {"c1": ["chest"], "c2": []}}, "1 acknowledged check-ins lost"),
        ({"answers": {"c1": ["chest"], "c2": ["chest"]}}, "1 acknowledged check-ins lost"),
        ({"levels": {"c1": ["emergency"], "c2": []}}, "1 acknowledged check-ins lost"),
        ({"alerts": {}}, "1 alerts lost"),
        ({"alerts": {"c1": ["a1", "a2"]}}, "1 alerts doubled"),
        ({"notices": [FIRST]}, None),
        ({"notices": []}, "1 red-flag messages unsent"),
        ({"notices": [FIRST, replace(SECOND, accepted_at=None)]}, "1 red-flag messages unsent"),
        ({"notices": [FIRST, replace(SECOND, accepted_at=None, state=FAILED)]}, "1 red-flag messages unsent"),
        ({"notices": [FIRST, replace(SECOND, channel="voice")]}, None),
        ({"notices": [replace(FIRST, channel="voice")]}, "1 red-flag messages unsent"),
        ({"notices": [FIRST, replace(SECOND, state=WAITING)]}, "1 messages undecided at the end"),
        ({"notices": [FIRST, replace(SECOND, accepted_at=None, state=WAITING)]}, "1 messages undecided at the end"),
        ({"notices": [FIRST, replace(SECOND, arrived=2)]}, "1 messages that arrived twice"),
        ({"notices": [FIRST, replace(SECOND, step=2, state=WAITING, accepted_at=None)]}, None),
        ({"notices": [FIRST, replace(SECOND, step=2, arrived=2)]}, "1 messages that arrived twice"),
        ({"notices": [replace(FIRST, accepted_at=190.1), SECOND]}, "max is 90.1 s, at most 90 s was promised"),
    ],
)
def test_each_broken_promise_of_the_rows_is_told(changed: dict[str, Any], sentence: str | None) -> None:
    assert (sentence in broken(**changed)) if sentence else not broken(**changed)


@pytest.mark.parametrize(
    ("tap", "sentence"),
    [
        (replace(RED_TAP, acknowledged_at=None, places=[]), "1 never got an answer"),
        (replace(RED_TAP, places=["/check-in/c1/now/", "/check-in/c1/q/other/"]), "1 red answers that did not lead"),
        (replace(RED_TAP, key="k9"), "1 alerts lost"),
    ],
)
def test_each_broken_promise_to_a_phone_is_told(tap: Tap, sentence: str) -> None:
    assert any(line.startswith(sentence) for line in broken([tap, replace(RED_TAP, number=2)]))


def test_an_answer_is_red_by_the_page_by_where_it_led_or_by_its_reading() -> None:
    by_page, by_place = replace(CALM_TAP, flag="urgent"), replace(CALM_TAP, places=["/check-in/c2/now/"])
    assert [measure([tap], KEPT).lost_alerts for tap in (CALM_TAP, by_page, by_place)] == [0, 1, 1]
    assert measure([CALM_TAP], replace(KEPT, levels={"c2": ["routine", "crisis"]})).lost_alerts == 1


def test_a_red_alert_counts_also_when_its_phone_was_never_told() -> None:
    assert measure([CALM_TAP], replace(KEPT, notices=[])).unsent == 1


def test_a_run_that_tried_nothing_is_no_success() -> None:
    assert verdict(Figures(acknowledged=5), UNDER_CHAOS) == ["no red answer was acknowledged: nothing was tried"]


def test_messages_of_no_row_are_told() -> None:
    assert verdict(Figures(red=1), UNDER_CHAOS, strays=2) == ["2 messages that no row knows"]


@pytest.mark.parametrize(("share", "value"), [(1, 1.0), (50, 2.0), (51, 3.0), (75, 3.0), (76, 4.0), (100, 4.0)])
def test_a_percentile_is_the_nearest_rank(share: float, value: float) -> None:
    assert percentile([4.0, 1.0, 3.0, 2.0], share) == value
    assert percentile([], share) is None


@pytest.mark.parametrize(
    ("latencies", "limits", "names"),
    [
        ([0.1] * 50 + [1.1] * 50, CALM, []),
        ([0.1] * 49 + [1.1] * 51, CALM, ["p50"]),
        ([0.1] * 99 + [9.0], CALM, []),
        ([0.1] * 98 + [3.1] * 2, CALM, ["p99"]),
        ([0.1] * 95 + [80.0] * 5, UNDER_CHAOS, []),
        ([0.1] * 94 + [20.1] * 6, UNDER_CHAOS, ["p95"]),
        ([0.1] * 99 + [90.1], UNDER_CHAOS, ["max"]),
        ([500.0], Limits(), []),
    ],
)
def test_times_are_held_to_their_limits(latencies: list[float], limits: Limits, names: list[str]) -> None:
    assert [line.split()[0] for line in verdict(Figures(red=1, latencies=latencies), limits)] == names


def test_later_steps_and_second_channels_are_counted_apart() -> None:
    later = [
        replace(FIRST, step=1, is_due=False, state=WAITING, accepted_at=None),
        replace(FIRST, step=1, state=WAITING, accepted_at=None),
        replace(FIRST, channel="voice"),
        replace(FIRST, lift=1),
    ]
    assert later_facts([FIRST, SECOND, *later]) == {"due": 3, "accepted": 2, "waiting": 1}


def test_the_plan_is_the_same_for_the_same_seed_and_kills_every_kind() -> None:
    first, again, other = (list(islice(plan(seed, KINDS), 10)) for seed in (1, 1, 2))
    assert [step[:2] for step in first] == [step[:2] for step in again] != [step[:2] for step in other]
    assert {kind for _, kind, _ in first[:5]} == set(KINDS)
    assert all(SHORTEST <= pause <= LONGEST for pause, _, _ in first)


def test_a_calm_run_kills_nothing() -> None:
    assert told(["--calm"]).kinds == told(["--valkey-off"]).kinds == ()
    assert list(plan(1, ())) == []
    assert told(["--kill", "web,valkey"]).kinds == ("web", "valkey")


def test_the_control_has_no_sender_that_could_be_killed() -> None:
    assert told(["--naive"]).kinds == ("web", "worker", "valkey", "postgres")


@pytest.mark.parametrize(
    "wrong", [["--n", "0"], ["--n", "20001"], ["--rate", "0"], ["--rate", "51"], ["--kill", "king"]]
)
def test_what_can_not_be_run_is_refused(wrong: list[str]) -> None:
    with pytest.raises(SystemExit):
        told(wrong)
