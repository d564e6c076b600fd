"""A calm run of the whole harness: twenty check-ins over HTTP, all told to people on duty in time."""

from __future__ import annotations

import json
import subprocess
import sys

from aftercare.processes import ROOT
from tests.stack import clean_env


def test_twenty_check_ins_on_a_calm_day_keep_every_promise() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.chaos", "--calm", "--n", "20", "--rate", "4", "--seed", "3"],
        cwd=ROOT,
        env=clean_env(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    facts = json.loads(done.stdout)
    assert facts["broken"] == [], facts
    assert done.returncode == 0
    assert facts["acknowledged"] == 20
    assert facts["told"] >= facts["red"] > 0
    assert facts["kills"] == facts["ended_by_themselves"] == {}
