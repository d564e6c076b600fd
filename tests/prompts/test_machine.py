"""Each message leaves once, inside its window, or not at all: whatever comes between, in whatever order."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st

from tests.prompts.engine import Faults
from tests.prompts.machine import main
from tests.prompts.programs import LONGEST, Run, broken, shortest, told


@settings(max_examples=20_000, deadline=None, database=None)
@given(st.binary(min_size=2, max_size=LONGEST + 1))
def test_no_program_breaks_a_rule_of_the_model(program: bytes) -> None:
    try:
        Run(program).go()
    except AssertionError:
        note(told(program))
        raise


@pytest.mark.parametrize("fault", ["resends", "claims_begun", "plans_unknown", "has_no_fence", "ignores_windows"])
def test_an_engine_that_forgets_a_rule_is_found(fault: str) -> None:
    faults, dice = Faults(**{fault: True}), Random(fault)  # noqa: S311  the same again is what it is for
    programs = (dice.randbytes(40) for _ in range(5_000))
    found = shortest(next(program for program in programs if broken(program, faults=faults)), faults=faults)
    assert broken(found, faults=faults)
    assert not broken(found)
    assert len(found) <= 20


def test_a_run_is_one_line(capsys: pytest.CaptureFixture[Any]) -> None:
    assert main(["--runs", "50", "--processes", "1"]) == 0
    assert '"runs": 50' in capsys.readouterr().out
