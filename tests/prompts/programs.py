"""Programs for the engine: bytes that say what happens next. Small bytes are calm, so that a failure shrinks to what matters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from functools import cache
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from prompts.routes import EMAIL, IN_APP, PUSH, SMS
from prompts.states import Report
from tests.prompts.engine import ALREADY_DONE, CANCELLED, MOODS, WAITING, Broken, Case, Faults, Model, Row
from timeline.document import Budget, ProtocolDocument, QuietHours
from timeline.packs import read_pack

LONGEST = 60
DISPATCHERS = 3

# How often, what, and with what. A program's byte is a place in this list, laid out.
_OPS: Sequence[tuple[int, str, Any]] = (
    (17, "leave", 0),
    (8, "deliver", 0),
    (11, "to_due", timedelta(0)),
    (4, "to_due", timedelta(seconds=40)),
    (14, "step", 0),
    (11, "step", 1),
    (5, "step", 2),
    (3, "clock", timedelta(seconds=1)),
    (4, "clock", timedelta(seconds=6)),
    (4, "clock", timedelta(seconds=21)),
    (4, "clock", timedelta(seconds=61)),
    (4, "clock", timedelta(seconds=121)),
    (3, "clock", timedelta(minutes=11)),
    (3, "clock", timedelta(minutes=50)),
    (3, "clock", timedelta(hours=3)),
    (5, "to_end", timedelta(seconds=1)),
    (5, "to_end", timedelta(0)),
    (4, "sweep", 0),
    (4, "step_sweep", 1),
    (4, "mood", (None, 0)),
    (2, "mood", (None, 1)),
    (2, "mood", (None, 4)),
    (2, "mood", (SMS, 3)),
    *((2, "mood", (SMS, mood)) for mood in range(1, len(MOODS))),
    *((1, "mood", (way, mood)) for way in (EMAIL, PUSH) for mood in range(1, len(MOODS))),
    (5, "kill", 0),
    (3, "kill", 1),
    (2, "kill", 2),
    *((2, "correct", timedelta(minutes=minutes)) for minutes in (-180, -60, -35, -5, 5, 30, 90)),
    (3, "switch", (SMS, False)),
    (3, "switch", (SMS, True)),
    *((1, "switch", (way, on)) for way in (EMAIL, PUSH) for on in (True, False)),
    (1, "stop_visit", None),
    # Of the last text or one before it; with True the number takes nothing any more.
    (3, "report", (Report.DELIVERED, 0, False)),
    (4, "report", (Report.UNDELIVERED, 0, False)),
    (2, "report", (Report.FAILED, 0, True)),
    (2, "report", (Report.SENT, 0, False)),
    (1, "report", (Report.DELIVERED, 1, False)),
    (2, "report", (Report.UNDELIVERED, 1, False)),
    (1, "report", (Report.UNDELIVERED, 2, True)),
    (3, "step_report", (1, Report.UNDELIVERED)),
    (2, "step_report", (1, Report.DELIVERED)),
    *((1, "forged", told) for told in ("number", "prompt", "word", "signature")),
    *((1, "learn", report) for report in (Report.DELIVERED, Report.UNDELIVERED)),
    (2, "look_up", timedelta(0)),
    (3, "look_up", timedelta(minutes=2)),
    (3, "look_up", timedelta(minutes=6)),
    (3, "step_look_up", 2),
    *((2, "fewer", on) for on in (True, False)),
    (3, "pause", True),
    (2, "pause", False),
    (3, "stop_all", None),
    (2, "undo_stop", None),
    (3, "did", None),
    (1, "did_not", None),
    *((2, "withdraw", on) for on in (True, False)),
    *((1, "reach_first", way) for way in ("", SMS, EMAIL, IN_APP)),
    *((2, "travel", zone) for zone in ("America/Los_Angeles", "Europe/Berlin", "Asia/Tokyo", "America/New_York")),
)
TABLE = [(name, told) for times, name, told in _OPS for _ in range(times)]
assert len(TABLE) <= 256, f"a byte names no more than 256 acts, and these are {len(TABLE)}"

# Faults that few programs show, most of them in what an engine hears later; and the acts around that.
RARE = ("believes_any", "moves_any", "forgets_lost", "moves_late", "resends_missing", "keeps_dead", "forgets_budget")
_AROUND = {"leave", "report", "learn", "look_up", "mood", "switch", "clock"}


@cache
def cases() -> list[Case]:
    """Visits on ordinary days and across a change of the clock, with all ways open, some, or none."""
    documents = [read_pack("iv-ketamine"), _dense(), read_pack("spravato")]
    moments = [
        ("America/New_York", "2026-11-24T11:00"),
        ("America/New_York", "2026-10-31T17:30"),
        ("Europe/Berlin", "2027-03-27T19:10"),
        ("Australia/Lord_Howe", "2027-04-03T13:45"),
        ("Asia/Kathmandu", "2026-11-24T06:20"),
    ]
    ways = [{SMS, EMAIL}, {SMS}, {SMS, EMAIL, PUSH}, {PUSH, EMAIL}, set()]
    return [
        _case(document, zone, hour, frozenset(ways[(place + shift) % len(ways)]))
        for shift, document in enumerate(documents)
        for place, (zone, hour) in enumerate(moments)
    ]


def _case(document: ProtocolDocument, zone: str, hour: str, ways: frozenset[str]) -> Case:
    hour_zero = datetime.fromisoformat(hour).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    return Case(document, zone, hour_zero, QuietHours(time(21), time(8)), ways)


def _dense() -> ProtocolDocument:
    """All that the pack has goes out as a text, with little between."""
    document = read_pack("iv-ketamine")
    prompts = tuple(replace(prompt, by_text=True, window_minutes=45) for prompt in document.prompts)
    return replace(document, prompts=prompts, budget=Budget(notices=12, asking=12, texts=2, gap_minutes=5))


def read(program: bytes) -> tuple[Case, list[tuple[str, Any]]]:
    """The visit, and what happens to it in turn."""
    case = cases()[program[0] % len(cases())] if program else cases()[0]
    return case, [TABLE[byte % len(TABLE)] for byte in program[1 : LONGEST + 1]]


def written(case: int, *acts: tuple[str, Any]) -> bytes:
    """The program of these acts."""
    return bytes([case, *(TABLE.index(act) for act in acts)])


def told(program: bytes) -> str:
    """The program in words."""
    case, acts = read(program)
    where = f"{case.document.key} at {case.hour_zero} in {case.zone}, open: {', '.join(sorted(case.ways)) or 'none'}"
    return "\n".join([where, *(f"  {name} {value}" for name, value in acts)])


def shortest(program: bytes, *, faults: Faults | None = None) -> bytes:
    """A program that breaks a rule, without the acts that it does not need for that."""
    place = 1
    while place < len(program):
        shorter = program[:place] + program[place + 1 :]
        if broken(shorter, faults=faults):
            program = shorter
        else:
            place += 1
    return program


def broken(program: bytes, *, faults: Faults | None = None) -> str:
    """The rule that this program breaks; "" for none."""
    try:
        Run(program, faults=faults).go()
    except Broken as rule:
        return str(rule)
    return ""


def breaking(fault: str, *, within: int = 5_000) -> bytes:
    """Of programs drawn by chance the first that shows what an engine with this fault does wrong, at its shortest."""
    faults, dice = Faults(**{fault: True}), Random(fault)  # noqa: S311  the same again is what it is for
    places = [place for place, (name, _) in enumerate(TABLE) if fault not in RARE or name in _AROUND]
    programs = (bytes([dice.randrange(256), *dice.choices(places, k=40)]) for _ in range(within))
    return shortest(next(program for program in programs if broken(program, faults=faults)), faults=faults)


class Run:
    """One program on the model."""

    def __init__(self, program: bytes, *, faults: Faults | None = None) -> None:
        self.case, self.acts = read(program)
        self.model = Model(self.case, self.case.hour_zero + timedelta(minutes=10), faults or Faults())
        self.work: list[Iterator[None] | None] = [None] * DISPATCHERS

    def go(self) -> Model:
        for name, told in self.acts:
            getattr(self, name)(told)
        self.finish()
        return self.model

    def finish(self) -> None:
        """Nobody is at work any more, the last window ends, and the sweep comes by."""
        for number in range(DISPATCHERS):
            self.kill(number)
        self.sweep(0)
        self.clock(timedelta(hours=60))
        self.sweep(0)
        self.model.check_end()

    def deliver(self, number: int) -> None:
        """A whole run, after what this dispatcher was at. All that it could see has got its answer."""
        self._finish_work(number)
        is_due = self.model.is_due
        seen = [(row, row.plan_number) for row in self.model.rows.values() if is_due(row)]
        self._start(number, "deliver")
        self._finish_work(number)
        if left := [row.step for row, number in seen if is_due(row) and row.plan_number == number]:
            raise Broken(f"{', '.join(left)} stayed behind")

    def leave(self, number: int) -> None:
        """As on a calm day: what is due next leaves."""
        self.to_due(timedelta(0))
        self.deliver(number)

    def sweep(self, number: int) -> None:
        self._finish_work(number)
        self._start(number, "sweep")
        self._finish_work(number)

    def step(self, number: int) -> None:
        """One transaction further."""
        if self.work[number] is None:
            self._start(number, "deliver")
        else:
            self._advance(number)

    def step_sweep(self, number: int) -> None:
        if self.work[number] is None:
            self._start(number, "sweep")
        else:
            self._advance(number)

    def kill(self, number: int) -> None:
        self.work[number] = None

    def clock(self, by: timedelta) -> None:
        self.model.now += by

    def to_due(self, after: timedelta) -> None:
        """To the next moment at which something is due."""
        now = self.model.now
        due = [row.due_at + after for row in self.model.rows.values() if row.state == WAITING]
        if later := [moment for moment in due if moment > now]:
            self.clock(min(later) - now)

    def to_end(self, before: timedelta) -> None:
        """To where the next window ends."""
        now = self.model.now
        ends = [row.window_ends_at - before for row in self.model.rows.values() if row.state == WAITING]
        if later := [moment for moment in ends if moment > now]:
            self.clock(min(later) - now)

    def mood(self, told: tuple[str | None, int]) -> None:
        way, mood = told
        for each in (SMS, EMAIL, PUSH) if way is None else (way,):
            self.model.moods[each] = MOODS[mood]

    def correct(self, by: timedelta) -> None:
        self.model.correct(by)

    def switch(self, told: tuple[str, bool]) -> None:
        way, on = told
        self.model.switch(way, on=on)

    def stop_visit(self, _: None) -> None:
        self.model.stop_visit()

    def fewer(self, on: bool) -> None:
        self.model.fewer(on=on)

    def pause(self, on: bool) -> None:
        self.model.pause(on=on)

    def withdraw(self, on: bool) -> None:
        self.model.withdraw(on=on)

    def stop_all(self, _: None) -> None:
        self.model.stop_all()

    def undo_stop(self, _: None) -> None:
        self.model.undo_stop()

    def did(self, _: None) -> None:
        """A drink or a rest, and so no tip."""
        self.model.did(self.model.next_tip())

    def did_not(self, _: None) -> None:
        self.model.did_not(self._done())

    def _done(self) -> Row | None:
        done = (row for row in self.model.rows.values() if row.reason == ALREADY_DONE)
        return next((row for row in done if row.state == CANCELLED), None)

    def reach_first(self, way: str) -> None:
        self.model.reach_first(way)

    def travel(self, zone: str) -> None:
        self.model.travel(zone)

    def report(self, told: tuple[Report, int, bool]) -> None:
        """What the provider says of a text: it stands in its list from then on."""
        report, back, is_dead = told
        if text := self.model.text(back):
            self._say(*text, report)
            for _ in self.model.report(*text, report, at=self.model.now, is_dead=is_dead):
                pass

    def step_report(self, told: tuple[int, Report]) -> None:
        """As report, of the last text, with something else between two transactions."""
        number, report = told
        if self.work[number] is not None:
            self._advance(number)
        elif text := self.model.text(0):
            self._say(*text, report)
            self._begin(number, self.model.report(*text, report, at=self.model.now))

    def _say(self, row: Row, number: int, report: Report) -> None:
        row.tried[number].truth = report

    def learn(self, report: Report) -> None:
        """The provider knows, and tells who asks."""
        if text := self.model.text(0):
            self._say(*text, report)

    def forged(self, _: str) -> None:
        """What the provider did not say, or of no try of ours: it changes nothing."""

    def look_up(self, after: timedelta) -> None:
        self.clock(after)
        for _step in self.model.look_up():
            pass

    def step_look_up(self, number: int) -> None:
        """Of one text: which of two is asked for first is nobody's business."""
        if self.work[number] is not None:
            self._advance(number)
        elif len(self.model.missing()) < 2:
            self._begin(number, self.model.look_up())

    def _start(self, number: int, work: str) -> None:
        self._begin(number, self.model.deliver() if work == "deliver" else self.model.sweep())

    def _begin(self, number: int, work: Iterator[None]) -> None:
        self.work[number] = work
        self._go_on(number)

    def _advance(self, number: int) -> None:
        self._go_on(number)

    def _go_on(self, number: int) -> None:
        work = self.work[number]
        if work is not None and next(work, self) is self:
            self.work[number] = None

    def _finish_work(self, number: int) -> None:
        while self.work[number] is not None:
            self._advance(number)
