"""`manage.py chaos` and `bench` are thin doors: their arguments and their end are the harness's."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from aftercare.processes import ROOT
from alerts.management.commands.chaos import Command


@pytest.mark.parametrize(
    ("asked", "said"),
    [(["chaos", "--n", "0"], "--n is 1 to 20000"), (["bench", "plan", "--k", "-1"], "as many due rows")],
)
def test_arguments_and_exit_are_handed_on_where_nothing_is_set_up(asked: list[str], said: str) -> None:
    command, env = [sys.executable, "manage.py", *asked], {"PATH": os.environ["PATH"]}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert said in done.stderr


def test_without_the_tests_it_says_so(settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings.BASE_DIR = tmp_path
    with pytest.raises(SystemExit) as ended:
        Command().run_from_argv(["manage.py", "chaos", "--n", "1"])
    assert ended.value.code == 2
    assert "There is no tests folder here" in capsys.readouterr().err
