"""The benches run: tiny, on the servers of the tests. What they measure here says nothing."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from aftercare.embedded import RUNTIME
from aftercare.processes import Parts
from tests.bench import correct, plan
from tests.bench.bursts import FLOORS, burst
from tests.bench.goals import at_least, at_most, missed, percentile, ratio
from tests.bench.ground import Ground
from tests.bench.rows import fill
from tests.bench.told import Told


@pytest.fixture
def ground(committed: None, tmp_path: Path) -> Iterator[Ground]:
    """On the run's own PostgreSQL and Valkey."""
    superuser = os.environ["DATABASE_URL"].replace(f"//{RUNTIME}@/", "//postgres@/")
    if superuser == os.environ["DATABASE_URL"]:
        pytest.skip("DATABASE_URL is somebody else's: rows are written past every rule here.")
    with (tmp_path / "log").open("ab") as log:
        parts = Parts(log=log)
        made = Ground(tmp_path, parts=parts, env=os.environ, superuser=superuser)
        yield made
        parts.stop(list(parts.running))
        made.db.close()


def test_a_burst_leaves_once_by_the_product_and_by_the_plain_loop(ground: Ground) -> None:
    fill(ground.db, n=240, patients=60)
    by_name = {each.name: each for each in FLOORS}
    for name in ("floor", "ours"):
        found = burst(ground, by_name[name], k=50, lead=1)
        assert (found["sent"], found["unsent"], found["duplicates"]) == (50, 0, 0), name
        assert found["late_p99"] is not None and found["memory_mb"] > 0
    assert len({line.split()[0] for line in ground.lines.read_text().splitlines()}) == 50


def test_plans_and_corrections_are_measured(ground: Ground) -> None:
    found = plan.measure(ground, Told(n=120, k=120, rounds=1))
    assert [goal["goal"] for goal in found["goals"]] == ["D7", "D8"]
    assert all(goal["measured"] for goal in found["goals"])
    with ground.db.cursor() as cursor:
        cursor.execute("TRUNCATE accounts_clinic, accounts_user CASCADE")
    found = correct.measure(ground, Told(n=3600, k=400, rounds=1))
    assert {goal["goal"] for goal in found["goals"]} == {"D9", "D10", "D13"}
    assert found["finishing"]["free"]["hot_share"] > 0


def test_a_goal_that_was_not_measured_is_missed() -> None:
    assert missed([at_most("D1", "work", 1.2, 1.5), at_least("D2", "rate", 0.9, 0.7)]) == []
    assert missed([at_most("D1", "work", 1.6, 1.5)]) == ["D1 work: 1.6, at most 1.5"]
    assert missed([at_least("D2", "rate", ratio(1, 0), 0.7)]) == ["D2 rate: None, at least 0.7"]
    assert (percentile([3, 1, 2], 50), percentile([], 99)) == (2, None)
