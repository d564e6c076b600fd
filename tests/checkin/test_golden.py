"""The golden set and the table that it stands for."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from checkin.golden import Outcome, Row, golden_rows, main, outcomes, table
from checkin.triage import Triage
from timeline.levels import Level
from timeline.packs import read_triage

RULES = read_triage()
ROWS = golden_rows()
# The ids of the table as research wrote it down (E, B, H, V, U, M, S).
TABLE = {
    *(f"E{number}" for number in range(1, 15)),
    *(f"B{number}" for number in range(1, 10)),
    *(f"H{number}" for number in range(1, 5)),
    *(f"V{number}" for number in range(1, 6)),
    *("U1", "U2"),
    *(f"M{number}" for number in range(1, 14)),
    *(f"S{number}" for number in range(1, 7)),
}


@pytest.mark.parametrize(
    "outcome", outcomes(ROWS, rules=RULES), ids=[f"{row.rule}-{row.case}-{at}" for at, row in enumerate(ROWS)]
)
def test_every_row_comes_out_as_it_was_written(outcome: Outcome) -> None:
    assert outcome.is_right, (outcome.row, outcome.got)


def test_there_are_enough_rows_and_each_rule_has_one_below_and_one_at_its_line() -> None:
    assert len(ROWS) >= 200
    cases = {(row.rule, row.case) for row in ROWS}
    assert {rule.id for rule in RULES.rules} == {rule for rule, _ in cases}
    assert [rule.id for rule in RULES.rules if not {(rule.id, "below"), (rule.id, "at")} <= cases] == []


def test_every_row_of_the_table_has_its_rule() -> None:
    assert {re.sub("[a-z]$", "", rule.id) for rule in RULES.rules} == TABLE


def test_each_question_that_allows_it_is_tried_with_not_sure() -> None:
    unsure = {key for row in ROWS for key, answer in row.answers.items() if answer == "not_sure"}
    asked = {question.key for question in RULES.questions}
    assert asked - unsure == {"other", "body"}


def test_a_row_that_differs_is_told_and_ends_badly(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main() == 0
    assert "DIFFERS" not in capsys.readouterr().out
    wrong = Row("E1", "at", {"any_now": "none"}, {}, Level.EMERGENCY)
    monkeypatch.setattr("checkin.golden.golden_rows", lambda: (wrong,))
    assert main() == 1
    assert "| E1 | at | any_now: none |  | emergency | routine |  | DIFFERS |" in capsys.readouterr().out


def test_a_right_level_by_the_wrong_rule_differs() -> None:
    row = Row("E1", "at", {"any_now": "chest"}, {}, Level.EMERGENCY)
    assert Outcome(row, Triage(Level.EMERGENCY, rules=("E1",))).is_right
    assert not Outcome(row, Triage(Level.EMERGENCY, rules=("E2",))).is_right
    assert not Outcome(replace(row, case="below"), Triage(Level.EMERGENCY, rules=("E1",))).is_right
    assert not Outcome(row, Triage(Level.URGENT, rules=("E1",))).is_right


def test_the_table_is_one_line_a_row() -> None:
    lines = table(outcomes(ROWS, rules=RULES), rules=RULES).splitlines()
    assert len(lines) == len(ROWS) + 4
    assert "unsigned" in lines[0]
