"""Calm runs of both harnesses whole: twenty check-ins over HTTP, all told to people on duty; and messages of visits, all sent."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from aftercare.processes import ROOT
from tests.stack import clean_env

# What may not happen in any run: those that tests/chaos/prompt_figures.py counts, written down once more.
NEVER = (
    *("duplicates", "lost", "skipped_early", "outside", "after_act", "never_ended", "sent_to_nobody"),
    *("taken_and_denied", "unknown_without_cause", "never_told", "cancelled_without_cause", "failed_without_cause"),
    "in_app_without_cause",
)


def test_twenty_check_ins_on_a_calm_day_keep_every_promise() -> None:
    facts = _run("--n", "20", "--rate", "4", "--seed", "3")
    assert facts["acknowledged"] == 20
    assert facts["told"] >= facts["red"] > 0


def test_messages_on_a_calm_day_all_leave_but_for_what_a_visit_that_ended_took_back() -> None:
    """With this seed one patient sends STOP, some seconds before their text is due; one visit ends badly as early, and one
    hour 0 is corrected."""
    facts = _run("--prompts", "--n", "25", "--rate", "4", "--seed", "1802")
    assert facts["acts"] == {"stop": 1, "visit": 1, "correct": 1}
    assert {name: facts[name] for name in NEVER} == dict.fromkeys(NEVER, 0)
    assert facts["sent"] + facts["cancelled"] == 25
    assert facts["cancelled"] <= facts["acts"]["visit"]
    assert facts["seconds_late"]["n"] > 0


def _run(*words: str) -> dict[str, Any]:
    """What it printed, once nothing is broken, was killed or ended by itself."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.chaos", "--calm", *words],
        cwd=ROOT,
        env=clean_env(),
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    facts: dict[str, Any] = json.loads(done.stdout)
    assert facts["broken"] == [], facts
    assert done.returncode == 0
    assert facts["kills"] == facts["ended_by_themselves"] == {}
    return facts
