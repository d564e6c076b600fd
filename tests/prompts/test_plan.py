"""`manage.py plan`: the plan in the patient's clock, and plain words for what can't be planned."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command


def plan(*args: str) -> str:
    out = StringIO()
    call_command("plan", *args, stdout=out)
    return out.getvalue()


def test_it_prints_each_prompt_in_the_patients_clock_with_its_channel() -> None:
    lines = plan("--protocol", "iv-ketamine", "--ended", "2027-03-13T16:30", "--zone", "America/New_York").splitlines()
    assert lines[0] == "IV ketamine, hour 0 Sat 2027-03-13 16:30 EST (America/New_York)"
    assert [line.split()[:3] for line in lines[1:-1]] == [
        ["Sat", "18:30", "EST"],
        ["Sat", "20:30", "EST"],
        ["Sun", "08:30", "EDT"],
        ["Sun", "13:30", "EDT"],
        ["Sun", "17:30", "EDT"],
    ]
    assert [("text" if "  text  " in line else "in app") for line in lines[1:-1]] == [
        "in app",
        "text",
        "text",
        "in app",
        "in app",
    ]
    assert lines[-1] == "5 notices, 2 of them ask, 2 by text"


def test_quiet_hours_can_be_told() -> None:
    late = plan("--protocol", "spravato", "--ended", "2026-11-24T10:30", "--quiet", "23:00-06:30")
    assert "Tue 22:30 EST" in late


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("--protocol", "nothing", "--ended", "2027-03-13T16:30"), "There is no pack"),
        (("--protocol", "spravato", "--ended", "tomorrow"), "is not a moment"),
        (("--protocol", "spravato", "--ended", "2027-03-13T16:30", "--zone", "Mars/Base"), "is not a time zone"),
        (("--protocol", "spravato", "--ended", "2027-03-13T16:30", "--quiet", "late"), "are no quiet hours"),
        (("--protocol", "pyproject.toml", "--ended", "2027-03-13T16:30"), "is not YAML"),
    ],
)
def test_what_can_not_be_planned_is_told_plainly(args: tuple[str, ...], words: str) -> None:
    with pytest.raises(CommandError, match=words):
        plan(*args)
