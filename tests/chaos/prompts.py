"""`manage.py chaos --prompts --n 3000 --seed 1`: messages of visits fall due while what sends them is killed. One line of JSON.

Two workers with their beat, at times a second beat, and `deliver_due --loop` beside them; a provider that takes a tenth of
all messages without an answer; meanwhile people send STOP, visits end, and hour 0 is corrected. Kills come for a while, then
a calm in which each window that is open long enough has to be kept. 1 when a rule broke.

With --valkey-off nothing is killed by chance: Valkey goes when a third of the messages was due, and comes back, empty, so many
seconds later. Some windows are over before that, some are not; and all of it is calm.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from aftercare.devstack import BEAT, WORKER
from aftercare.processes import ROOT, StackError
from tests.chaos.checker import Checker
from tests.chaos.nemesis import Nemesis
from tests.chaos.prompt_figures import UNKNOWN, Act, Fate, broken_rules, calm_stretches, facts, outage_facts, tally
from tests.chaos.prompt_people import LONGEST, STEP, address, moments, phone
from tests.chaos.run import versions
from tests.chaos.stage import Stage
from tests.hardware import machine

KINDS = ("worker", "worker-2", "loop", "beat", "valkey", "postgres")
MOST, FASTEST, LONGEST_OFF = 20_000, 20.0, 600
# While Valkey is off, the longest window is so many times as long as that; and then it is there for so many seconds at least.
OUTLASTS, BACK_FOR = 1.5, 15.0
# Seconds of kills, and of kills and calm together.
KILLS_FOR, ROUND = 60.0, 210.0
# Of a hundred messages, so many are taken without an answer.
UNCLEAR = 10
# After the last window: what is leased, and what flew, come to an end by the sweep.
ENDS_WITHIN = 300.0
# After the last end: texts of which nobody knows are looked up from a minute later on, fifty in each minute.
TOLD_WITHIN = 240.0
_FATES = f"""
SELECT p.id, substr(a.record_number, 3)::int, p.state, p.channel, extract(epoch FROM p.due_at)::float,
       extract(epoch FROM p.window_ends_at)::float, extract(epoch FROM p.ended_at)::float, p.reason
  FROM prompts_prompt p JOIN accounts_patient a ON a.id = p.patient_id WHERE p.step = '{STEP}' AND p.due_at <= now()
"""
_TRIES = (
    "SELECT prompt_id, extract(epoch FROM began_at)::float, channel, outcome FROM prompts_attempt ORDER BY began_at"
)
_UNTOLD = (
    f"SELECT count(*) FROM prompts_prompt WHERE step = '{STEP}' AND state = {UNKNOWN} AND channel = 'sms' "
    "AND reason <> 'not at the provider'"
)
# What is not due yet is open as well: a run is not over before its last message.
_OPEN = f"SELECT count(*) FROM prompts_prompt WHERE step = '{STEP}' AND state = 0"


def read(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="manage.py chaos --prompts", description=__doc__)
    parser.add_argument("--n", type=int, default=300, help="messages")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rate", type=float, default=5.0, help="messages that fall due in a second")
    parser.add_argument("--calm", action="store_true", help="no kills, and a provider with good days only")
    parser.add_argument("--valkey-off", type=int, default=0, metavar="SECONDS", help="only that, once")
    parser.add_argument("--keep", action="store_true", help="leave the data folder with the log for a look")
    found = parser.parse_args(arguments)
    if not (0 < found.n <= MOST and 0 < found.rate <= FASTEST):
        parser.error(f"--n is 1 to {MOST}, --rate up to {FASTEST:g}")
    if not 0 <= found.valkey_off <= LONGEST_OFF:
        parser.error(f"--valkey-off is at most {LONGEST_OFF} s")
    return found


def main(arguments: Sequence[str]) -> int:
    told = read(arguments)
    stage = Stage(
        faults=None if told.calm else told.seed,
        unclear=None if told.calm else UNCLEAR,
        senders=0,
        besides={
            "worker-2": [*WORKER, "-n", "two@%h"],
            "loop": [sys.executable, "manage.py", "deliver_due", "--loop"],
        },
    )
    run = _Run(told, stage)
    try:
        found = run.facts()
    except (StackError, KeyboardInterrupt) as error:
        found = {"broken": [str(error) or "interrupted"], "said": stage.log.read_text(errors="replace")[-2000:]}
    finally:
        run.end()
        stage.stop(keeps_folder=told.keep)
    print(json.dumps(found))
    return 1 if found["broken"] else 0


class _Run:
    """The steps of one run, in the thread that began the processes."""

    def __init__(self, told: argparse.Namespace, stage: Stage) -> None:
        self.told, self.stage = told, stage
        self.seconds = max(round(told.n / told.rate), 10)
        self.checker = Checker(stage.postgres.url("postgres"), f"http://127.0.0.1:{stage.provider_port}")
        self.nemesis = Nemesis(stage, seed=told.seed, kinds=() if told.calm or told.valkey_off else KINDS)
        self.longest = max(LONGEST, round(OUTLASTS * told.valkey_off))
        self.off_since = 0.0
        self.acts_log = stage.folder / "acts"
        self._acts: subprocess.Popen[bytes] | None = None

    def facts(self) -> dict[str, Any]:
        began, load_before = time.monotonic(), os.getloadavg()
        self.stage.start_stores()
        words = ["--n", str(self.told.n), "--seconds", str(self.seconds), "--seed", str(self.told.seed)]
        self.stage.ask("-m", "tests.chaos.prompt_people", *words, "--longest", str(self.longest))
        self.stage.start_apps()
        begins = time.time()
        self._begin_acts(words)
        self._go_on()
        ended_in = self._end_all()
        self.stage.wait(lambda: self.checker.count(_UNTOLD) == 0, seconds=TOLD_WITHIN)
        fates = self._fates()
        found = tally(fates, self._done(), calm_stretches(self._faults(), begins=begins, ends=time.time()))
        return {
            "n": self.told.n,
            "seed": self.told.seed,
            "rate": self.told.rate,
            "unclear": 0 if self.told.calm else UNCLEAR,
            "kills": dict(self.nemesis.kills),
            **self._outage(fates),
            "ended_by_themselves": dict(self.stage.exits),
            **facts(found),
            "ended_in": ended_in,
            "seconds": round(time.monotonic() - began, 1),
            "machine": machine(load_before),
            "versions": versions(),
            "broken": broken_rules(found),
        }

    def end(self) -> None:
        if self._acts and self._acts.poll() is None:
            self._acts.terminate()
            self._acts.wait()

    def _begin_acts(self, words: Sequence[str]) -> None:
        command = [sys.executable, "-m", "tests.chaos.prompt_acts", *words]
        with self.acts_log.open("wb") as log:
            self._acts = subprocess.Popen(command, cwd=ROOT, env=self.stage.env, stdout=log)

    def _go_on(self) -> None:
        """Kills for a while of each round, and a second beat in the middle third; less long where nothing is open any more."""
        began, off = time.monotonic(), self.told.valkey_off
        at_least = max(self.seconds, self.seconds / 3 + off + BACK_FOR if off else 0)
        while (passed := time.monotonic() - began) < at_least + self.longest:
            self.stage.keep_up()
            self._second_beat(passed / self.seconds)
            if off and not self.off_since and passed > self.seconds / 3:
                self.off_since = time.time()
                self.stage.kill("valkey", away=off)
            if passed % ROUND < KILLS_FOR and passed < self.seconds:
                self.nemesis.tick()
            if passed > at_least and int(passed) % 5 == 0 and self.checker.count(_OPEN) == 0:
                return
            time.sleep(0.05)

    def _second_beat(self, share: float) -> None:
        name, is_there = "beat-2", self.stage.has("beat-2")
        if 0.3 < share < 0.6 and not is_there:
            self.stage.add(name, [*BEAT, "-s", str(self.stage.folder / name)])
        elif share >= 0.6 and is_there:
            self.stage.take_away(name)

    def _end_all(self) -> float | None:
        began = time.monotonic()
        is_over = self.stage.wait(lambda: self.checker.count(_OPEN) == 0 and self._are_acts_done(), seconds=ENDS_WITHIN)
        return round(time.monotonic() - began, 1) if is_over else None

    def _are_acts_done(self) -> bool:
        time.sleep(1)
        return self._acts is None or self._acts.poll() is not None

    def _faults(self) -> list[float]:
        return [*self.nemesis.moments, *([self.off_since] if self.off_since else [])]

    def _outage(self, fates: Sequence[Fate]) -> dict[str, Any]:
        begins, lasts = self.off_since, self.told.valkey_off
        return {"valkey_off": outage_facts(fates, begins=begins, ends=begins + lasts)} if begins else {}

    def _done(self) -> list[Act]:
        return [Act(place, kind, at) for place, kind, at in _lines(self.acts_log)]

    def _fates(self) -> list[Fate]:
        """Each message, named by its patient's number."""
        arrived, tries = defaultdict(list), defaultdict(list)
        for message in self.checker.messages():
            arrived[message["to"]].append(float(message["at"]))
        for prompt, at, way, outcome in self.checker.rows(_TRIES):
            tries[prompt].append((at, way, outcome))
        drawn = moments(self.told.n, seconds=self.seconds, seed=self.told.seed, longest=self.longest)
        ways = [ways for _, _, ways in drawn]
        moved = {act.id: act.at for act in self._done() if act.kind == "correct"}
        return [
            Fate(
                place,
                state,
                way,
                due_at,
                window_ends_at,
                ended_at,
                arrived=sorted([*arrived[phone(place)], *arrived[address(place)]]),
                begun=[(at, way) for at, way, _ in tries[prompt]],
                outcomes=[outcome for _, _, outcome in tries[prompt]],
                moved_at=moved.get(place, 0.0),
                ways=ways[place],
                reason=reason,
            )
            for prompt, place, state, way, due_at, window_ends_at, ended_at, reason in self.checker.rows(_FATES)
        ]


def _lines(path: Path) -> list[list[Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]
