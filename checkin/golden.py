"""The golden set: what each rule says below, at and above its line. `python -m checkin.golden` prints it for the clinician.

The expected levels are written by hand in timeline/packs/triage_golden.yaml. Ends with 1 when one of them differs.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from checkin.conditions import Context
from checkin.triage import Triage, triage
from timeline.levels import Level
from timeline.packs import golden_content, read_triage
from timeline.triage_document import TriageRules

_USUAL = {"route": "iv", "hours": 3}
_MATCHES = frozenset({"at", "above", "with"})


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the set. `case`: below, at, above, with (another way to it), not_sure."""

    rule: str
    case: str
    answers: Mapping[str, str]
    given: Mapping[str, Any]
    expected: Level

    @property
    def context(self) -> Context:
        given = {**_USUAL, **self.given}
        if "flags" in given:
            given["flags"] = frozenset(given["flags"])
        if "discharge" in given:
            given["discharge"] = tuple(given["discharge"])
        return Context(**given)


@dataclass(frozen=True, slots=True)
class Outcome:
    row: Row
    got: Triage

    @property
    def is_right(self) -> bool:
        """The level is as written; and the rule itself is among those that matched, or is not, as the case says."""
        matched = self.row.rule in self.got.rules
        is_as_told = self.row.case == "not_sure" or matched == (self.row.case in _MATCHES)
        return self.got.level == self.row.expected and is_as_told


def golden_rows() -> tuple[Row, ...]:
    return tuple(_rows(golden_content()))


def outcomes(rows: Sequence[Row], *, rules: TriageRules) -> tuple[Outcome, ...]:
    return tuple(Outcome(row, triage(row.answers, context=row.context, rules=rules)) for row in rows)


def table(found: Sequence[Outcome], *, rules: TriageRules) -> str:
    """Markdown: one line a row, the wrong ones marked."""
    right = sum(outcome.is_right for outcome in found)
    head = f"# Golden set of the triage rules, {rules.version}, {rules.status}: {right} of {len(found)} as written\n"
    columns = "| rule | case | answers | known besides | expected | got | rules that matched | |\n" + "| --- " * 8 + "|"
    return "\n".join((head, columns, *map(_line, found)))


def _line(outcome: Outcome) -> str:
    row, got = outcome.row, outcome.got
    cells = (
        *(row.rule, row.case.replace("_", " "), _facts(row.answers), _facts(row.given)),
        *(row.expected, got.level, ", ".join(got.rules), "" if outcome.is_right else "DIFFERS"),
    )
    return f"| {' | '.join(cells)} |"


def _facts(facts: Mapping[str, Any]) -> str:
    return "; ".join(f"{name}: {_fact(value)}" for name, value in facts.items())


def _fact(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return _facts(value) if isinstance(value, dict) else str(value)


def _rows(content: Mapping[str, Any]) -> Iterator[Row]:
    for rule, rows in content.items():
        for row in rows:
            yield Row(rule, row["case"], row["answers"], row.get("context", {}), Level(row["level"]))


def main() -> int:
    rules = read_triage()
    found = outcomes(golden_rows(), rules=rules)
    sys.stdout.write(table(found, rules=rules) + "\n")
    return 0 if all(outcome.is_right for outcome in found) else 1


if __name__ == "__main__":
    sys.exit(main())
