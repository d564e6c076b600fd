"""Each message leaves once, inside its window, or not at all: whatever comes between, in whatever order."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st

from prompts.routes import EMAIL, IN_APP, PUSH, SMS
from prompts.states import PromptState
from tests.prompts.engine import Faults
from tests.prompts.machine import main
from tests.prompts.programs import LONGEST, RARE, Run, breaking, broken, cases, told


@settings(max_examples=20_000, deadline=None, database=None)
@given(st.binary(min_size=32, max_size=LONGEST + 1))
def test_no_program_breaks_a_rule_of_the_model(program: bytes) -> None:
    try:
        Run(program).go()
    except AssertionError:
        note(told(program))
        raise


@pytest.mark.parametrize("case", range(len(cases())))
def test_on_a_calm_day_each_step_arrives_by_its_first_open_way(case: int) -> None:
    model = Run(bytes([case, *[0] * LONGEST])).go()
    open_ways, document, rows = model.case.ways, model.case.document, model.rows.values()
    meant = {template.key for template in document.prompts if template.by_text} & {*model.rows}
    texts = {row.step for row in rows if row.channel == SMS}
    has_texts = SMS in open_ways and PUSH not in open_ways
    assert len(texts) == (min(len(meant), document.budget.texts) if has_texts else 0)
    for row in rows:
        may = {PUSH: True, SMS: row.step in meant & texts, EMAIL: row.step in meant}
        way = next((way for way in (PUSH, SMS, EMAIL) if way in open_ways and may[way]), IN_APP)
        assert (row.state, row.channel) == (PromptState.SENT, way)
        assert ((row.step, way) in model.accepted) == (way != IN_APP)


@pytest.mark.parametrize(
    "fault",
    [
        *("resends", "claims_begun", "plans_unknown", "has_no_fence", "ignores_windows"),
        *("cancels_all", "fails_all", "shows_all", "ignores_no"),
        *RARE,
    ],
)
def test_an_engine_that_forgets_a_rule_is_found(fault: str) -> None:
    found = breaking(fault)
    assert broken(found, faults=Faults(**{fault: True}))
    assert not broken(found)
    assert len(found) <= 20


def test_a_run_is_one_line(capsys: pytest.CaptureFixture[Any]) -> None:
    assert main(["--runs", "50", "--processes", "1"]) == 0
    assert '"runs": 50' in capsys.readouterr().out
