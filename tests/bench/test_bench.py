"""The benches run: tiny, on the servers of the tests. What they measure here says nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from aftercare.embedded import RUNTIME
from aftercare.processes import ROOT, Parts
from tests.bench import correct, grows, lateness, plan
from tests.bench.bursts import Contender, burst
from tests.bench.goals import at_least, at_most, missed, percentile, ratio
from tests.bench.ground import Ground, facts_of
from tests.bench.peers import Peer
from tests.bench.rows import Db, fill, make_due, wait_until
from tests.bench.told import Told

# The kernel counts a process's time in hundredths of a second: of fewer texts it may have seen nothing.
K = 500


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


def test_plans_and_corrections_are_measured(ground: Ground) -> None:
    found = plan.measure(ground, Told(n=120, k=120, rounds=1))
    assert [goal["goal"] for goal in found["goals"]] == ["D7", "D8"]
    assert all(goal["measured"] for goal in found["goals"])
    with ground.db.cursor() as cursor:
        cursor.execute("TRUNCATE accounts_clinic, accounts_user CASCADE")
    found = correct.measure(ground, Told(n=3600, k=400, rounds=1))
    assert {goal["goal"] for goal in found["goals"]} == {"D9", "D10", "D13"}
    assert found["finishing"]["free"]["hot_share"] > 0


def test_a_steady_stream_leaves_once(ground: Ground) -> None:
    found = lateness.measure(ground, Told(n=60, k=20, rounds=1, faults=False))
    steady = found["found"]["steady"]
    assert (steady["unsent"], steady["unknown"], steady["duplicates"]) == (0, 0, 0)
    assert 0 < steady["late_p50"] <= steady["late_max"]
    assert {goal["goal"] for goal in found["goals"]} == {"D4", "once"}
    assert all(goal["measured"] is not None for goal in found["goals"])
    assert len(ground.lines.read_text().splitlines()) == 20


def test_the_same_burst_leaves_once_from_a_small_table_and_a_large_one_by_the_product_and_by_the_plain_loop(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hurried(ground: Ground, contender: Contender, *, k: int, lead: float) -> dict[str, Any]:
        """So few rows need no time to come to rest."""
        return burst(ground, contender, k=k, lead=min(lead, 1))

    monkeypatch.setattr(grows, "burst", hurried)
    monkeypatch.setattr(grows, "SMALL", K)
    found = grows.measure(ground, Told(n=3 * K, k=K, rounds=1))
    for size, bursts in (("small", 2), ("large", 1)):
        for name, each in found["found"][size].items():
            assert (each["sent"], each["unsent"], each["duplicates"]) == (bursts * K, 0, 0), (size, name)
            assert each["late_p99"] is not None and each["memory_mb"] > 0
    assert {goal["goal"] for goal in found["goals"]} == {"D1", "D11", "D14", "once"}
    assert all(goal["measured"] is not None for goal in found["goals"])
    assert len({line.split()[0] for line in ground.lines.read_text().splitlines()}) == K


def test_our_own_work_for_another_system_sends_a_text_once(ground: Ground) -> None:
    """By this Python in place of theirs: what it takes from the product is there, by the names that it has today."""
    fill(ground.db, n=3, patients=3, clinics=1)
    first, [pk] = make_due(ground.db, k=1, channel="sms", in_seconds=1)
    wait_until(first)
    done = subprocess.run(
        [sys.executable, "-c", f"from tests.bench.peer_work import send; send({pk}); send({pk})"],
        cwd=ROOT,
        env=ground.env | Peer("huey").env(ground),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert len(ground.lines.read_text().splitlines()) == 1
    assert _rows(ground.db, f"SELECT state, tries FROM prompts_prompt WHERE id = {pk}") == [(1, 1)]
    assert _rows(ground.db, "SELECT prompt_id, number, channel, outcome FROM prompts_attempt") == [
        (pk, 1, "sms", "accepted")
    ]


def test_the_machine_and_the_stores_are_named(ground: Ground) -> None:
    facts = facts_of(ground, (0.5, 0.4, 0.3))
    assert facts["machine"]["model"] and facts["machine"]["kernel"] and facts["machine"]["load_before"] == 0.5
    assert facts["versions"]["postgres"] and facts["versions"]["valkey"]


def test_a_goal_that_was_not_measured_is_missed() -> None:
    assert missed([at_most("D1", "work", 1.2, 1.5), at_least("D2", "rate", 0.9, 0.7)]) == []
    assert missed([at_most("D1", "work", 1.6, 1.5)]) == ["D1 work: 1.6, at most 1.5"]
    assert missed([at_least("D2", "rate", ratio(1, 0), 0.7)]) == ["D2 rate: None, at least 0.7"]
    assert (percentile([3, 1, 2], 50), percentile([], 99)) == (2, None)


def _rows(db: Db, statement: str) -> list[tuple[object, ...]]:
    return db.execute(statement.encode()).fetchall()
