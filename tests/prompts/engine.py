"""The engine of prompts as a model: rows in memory in place of SQL, and each rule called for real.

A dispatcher is a generator that stops before each transaction that the real one opens, so that anything may come between.
The model also is the provider, and knows what nobody may ever see: `Broken` is raised at the very act that breaks a rule.
"""

from __future__ import annotations

from collections.abc import Collection, Generator, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from prompts.pressure import hold_for
from prompts.receipts import says_more
from prompts.retries import FOR_NEXT_WAY, GiveUp, NextWay, Retry, TooLate, next_try
from prompts.routes import EMAIL, IN_APP, PUSH, SMS, ways_after, ways_for
from prompts.schedule import Night, PlannedPrompt, SentPrompt, plan_prompts
from prompts.states import Outcome, PromptState, Report
from timeline.document import ProtocolDocument, QuietHours
from timeline.phases import is_night

WAITING, SENT, CANCELLED = PromptState.WAITING, PromptState.SENT, PromptState.CANCELLED
FAILED, SKIPPED, UNKNOWN = PromptState.FAILED, PromptState.SKIPPED, PromptState.UNKNOWN
_MAY_RETURN = frozenset({WAITING, CANCELLED, SKIPPED})
# The engine's own numbers, written down once more: the runs on PostgreSQL tell when one is changed there alone.
LOOKS_BACK, LEASE, LOST_AFTER = timedelta(minutes=15), timedelta(seconds=60), timedelta(minutes=2)
LONGEST_TREATMENT = timedelta(hours=12)
PAUSE_LASTS, STOP_UNDO, SOON = timedelta(hours=3), timedelta(hours=1), timedelta(hours=3)
LOOKS_UP_AFTER, LOOKS_UP_UNTIL, GIVES_UP_AFTER = timedelta(minutes=1), timedelta(hours=1), timedelta(minutes=5)
TIP, ALREADY_DONE, NOT_DELIVERED, NOT_THERE = "tip", "already done", "not delivered", "not at the provider"
WITHDRAWN = "consent taken back"
NO_FURTHER = (ALREADY_DONE, WITHDRAWN)
ARRIVED, LOST = (Report.SENT, Report.DELIVERED), (Report.UNDELIVERED, Report.FAILED)
LONG_AGO = datetime.min.replace(tzinfo=UTC)


class Broken(AssertionError):
    """A rule that holds for each message was broken."""


@dataclass(frozen=True, slots=True)
class Case:
    """One visit before anything happens: its document, its clock, and the ways that are open."""

    document: ProtocolDocument
    zone: str
    hour_zero: datetime
    quiet: QuietHours
    ways: frozenset[str]

    def __hash__(self) -> int:
        return id(self)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a provider does with one try: what it says, and whether it took the message. `is_dead`: the address takes nothing
    any more."""

    outcome: Outcome
    takes: bool = False
    retry_after: timedelta | None = None
    is_dead: bool = False

    @property
    def is_unwell(self) -> bool:
        return self.outcome in {Outcome.NOT_ACCEPTED, Outcome.AMBIGUOUS}


MOODS = (
    Answer(Outcome.ACCEPTED, takes=True),
    Answer(Outcome.NOT_ACCEPTED),
    Answer(Outcome.AMBIGUOUS, takes=True),
    Answer(Outcome.AMBIGUOUS),
    Answer(Outcome.REFUSED),
    Answer(Outcome.NOT_ACCEPTED, retry_after=timedelta(minutes=10)),
    Answer(Outcome.REFUSED, is_dead=True),
)


@dataclass(slots=True)
class Try:
    """One try: its way, how it ended (None while nobody knows), and what was reported of it. `is_taken`: by the provider,
    which has it listed as `truth`. `is_dead`: the report says that the address takes nothing any more. `was_lost`: it was
    reported once as certainly not delivered, before it was said to be there."""

    way: str
    began_at: datetime
    outcome: Outcome | None = None
    report: Report | None = None
    is_taken: bool = False
    truth: Report = Report.SENT
    is_dead: bool = False
    was_lost: bool = False

    @property
    def is_certain(self) -> bool:
        """It certainly reached nobody."""
        return self.was_lost or self.outcome in {Outcome.NOT_ACCEPTED, Outcome.REFUSED}


@dataclass(slots=True)
class Row:
    """One prompt, with the columns that decide. `is_there`: a report said so while it was not on its way. `is_done`: they
    said so of a tip, and did not take it back."""

    step: str
    kind: str
    asks: bool
    channel: str = ""
    plan_number: int = 0
    due_at: datetime = LONG_AGO
    window_ends_at: datetime = LONG_AGO
    state: PromptState = WAITING
    reason: str = ""
    lease_until: datetime | None = None
    begun_at: datetime | None = None
    tries: int = 0
    sent_at: datetime | None = None
    ended_at: datetime | None = None
    # By number: each try.
    tried: dict[int, Try] = field(default_factory=dict)
    is_there: bool = False
    is_done: bool = False

    @property
    def is_loose(self) -> bool:
        """It waits, and no flight of it was begun."""
        return self.state == WAITING and self.begun_at is None

    @property
    def attempts(self) -> list[str]:
        """Of each try in turn: its way, its outcome and its report."""
        tried = [self.tried[number] for number in sorted(self.tried)]
        return [f"{each.way} {each.outcome or ''} {each.report or ''}" for each in tried]

    @property
    def has_left(self) -> bool:
        """It is on its way, or was taken or may have been."""
        return self.begun_at is not None or self.state in (SENT, UNKNOWN)


@dataclass(frozen=True, slots=True)
class Hold:
    """What a dispatcher knows of a row that it claimed: the fence; and, once that is read, the ways behind its own."""

    row: Row
    channel: str
    plan_number: int
    tries: int
    window_ends_at: datetime
    is_held: bool = False
    others: tuple[str, ...] = ()
    asked: int = 0


@dataclass(frozen=True, slots=True)
class End:
    """How a row ends this time."""

    hold: Hold
    state: PromptState
    reason: str = ""
    again_at: datetime | None = None
    next_way: str = ""


@dataclass(slots=True)
class Faults:
    """What a broken engine forgets: the controls, which have to be found."""

    resends: bool = False
    has_no_fence: bool = False
    claims_begun: bool = False
    ignores_windows: bool = False
    plans_unknown: bool = False
    cancels_all: bool = False
    fails_all: bool = False
    shows_all: bool = False
    believes_any: bool = False
    moves_any: bool = False
    forgets_lost: bool = False
    moves_late: bool = False
    resends_missing: bool = False
    keeps_dead: bool = False
    forgets_budget: bool = False
    ignores_no: bool = False


@dataclass(slots=True)
class Model:
    """One visit with its rows, its dispatchers' shared state, and a provider for each way."""

    case: Case
    now: datetime
    faults: Faults = field(default_factory=Faults)
    rows: dict[str, Row] = field(default_factory=dict)
    plan_number: int = 1
    is_stopped: bool = False
    moods: dict[str, Answer] = field(default_factory=lambda: dict.fromkeys((PUSH, SMS, EMAIL), MOODS[0]))
    # All that providers took; and what of it arrived, as far as nobody has said that it did not.
    taken: list[tuple[str, str]] = field(default_factory=list)
    accepted: list[tuple[str, str]] = field(default_factory=list)
    # Each text that was taken: the row, and the number of the try.
    texts: list[tuple[Row, int]] = field(default_factory=list)
    hour_zero: datetime = field(init=False)
    started_at: datetime = field(init=False)
    zone: str = field(init=False)
    ways: frozenset[str] = field(init=False)
    first: str = ""
    is_fewer: bool = False
    # They took back their yes to the app.
    has_left: bool = False
    paused_from: datetime | None = None
    paused_until: datetime | None = None
    stopped_at: datetime | None = None
    # The ways of which the last word was a yes; when that was, and when the last no. Those that took nothing of late.
    agreed: set[str] = field(init=False)
    agreed_at: dict[str, datetime] = field(default_factory=dict)
    ended: dict[str, datetime] = field(default_factory=dict)
    failed: set[str] = field(default_factory=set)
    # A browser that takes notices.
    has_phone: bool = True
    # The ways that were closed once, by somebody or as they took nothing.
    closed: set[str] = field(default_factory=set)
    # Until when each provider wants quiet.
    holds: dict[str, datetime] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.started_at = self.case.hour_zero
        self.hour_zero, self.zone, self.agreed = self.case.hour_zero, self.case.zone, {*self.case.ways}
        self._open()
        self.plan()

    def _open(self) -> None:
        self.ways = frozenset(self.agreed - self.failed)

    # What people do.

    def correct(self, by: timedelta) -> bool:
        """Hour 0 moves; False where that is refused."""
        moved = self.hour_zero + by
        if self.is_stopped or moved > self.now or abs(moved - self.started_at) > LONGEST_TREATMENT:
            return False
        is_start = self.case.document.hour_zero == "first_device"
        self.started_at = moved if is_start else min(self.started_at, moved)
        self.hour_zero = moved
        self.plan_number += 1
        self.plan()
        return True

    def replan(self) -> None:
        """After the patient chose something."""
        if not self.is_stopped:
            self.plan_number += 1
            self.plan()

    def plan(self) -> None:
        rows = self.rows
        may_return = _MAY_RETURN | {UNKNOWN} if self.faults.plans_unknown else _MAY_RETURN
        sent = [row for row in rows.values() if row.begun_at or row.state not in may_return]
        planned = planned_for(
            self.case,
            self.hour_zero,
            self.zone,
            tuple(map(_sent, sent)),
            max(self.now, self.hour_zero),
            frozenset(row.step for row in rows.values() if row.reason == ALREADY_DONE),
            self.is_fewer,
            self.paused_from,
            self.paused_until,
        )
        if self.has_left and not self.faults.ignores_no:
            planned = []
        for plan in planned:
            row = rows.setdefault(plan.step, Row(plan.step, plan.kind, plan.asks))
            row.channel = self._way(plan.step, has_text_left=plan.by_text)
            row.plan_number = self.plan_number
            row.due_at, row.window_ends_at = plan.due_at, plan.window_ends_at
            row.state, row.reason, row.lease_until, row.ended_at = WAITING, "", None, None
        kept = {plan.step for plan in planned}
        for row in rows.values():
            if row.is_loose and row.step not in kept:
                row.state, row.reason, row.ended_at = CANCELLED, self._reason(row), self.now
                row.plan_number, row.lease_until = self.plan_number, None
        self._check_plan(planned, sent)

    def _reason(self, row: Row) -> str:
        if self.has_left:
            return WITHDRAWN
        if self.is_fewer and row.kind == TIP:
            return "fewer"
        return "paused" if self.is_paused else "not in the plan"

    @property
    def is_paused(self) -> bool:
        return self.paused_until is not None and self.now < self.paused_until

    def stop_visit(self) -> bool:
        if self.is_stopped:
            return False
        self.is_stopped = True
        for row in self.rows.values():
            if row.is_loose:
                row.state, row.reason, row.ended_at = CANCELLED, "visit stopped", self.now
        return True

    def switch(self, way: str, *, on: bool) -> None:
        """A way is opened or closed, and what waits is placed anew."""
        if on and way in self.ways:
            return
        if on:
            self.ended.pop(way, None)
            self.failed.discard(way)
            self.agreed.add(way)
            self.agreed_at[way] = self.now
        else:
            self.ended[way] = self.now
            if way not in self.agreed:
                return
            self.agreed.remove(way)
            self.closed.add(way)
        self._open()
        self._place()

    def _end_way(self, way: str, *, at: datetime) -> None:
        """It takes nothing any more; a yes that is newer than the try stands."""
        if self.agreed_at.get(way, LONG_AGO) <= at and way not in self.failed:
            self.failed.add(way)
            self.closed.add(way)
            if not self.faults.keeps_dead:
                self._open()
                self._place()

    def _place(self) -> None:
        loose = sorted((row for row in self.rows.values() if row.is_loose), key=lambda row: row.due_at)
        fixed = [row for row in self.rows.values() if not row.is_loose and row.state not in (CANCELLED, SKIPPED)]
        left = max(self.case.document.budget.texts - sum(row.channel == SMS for row in fixed), 0)
        for row in loose:
            row.channel = self._way(row.step, has_text_left=_is_meant(self.case, row.step) and left > 0)
            left -= row.channel == SMS

    def _way(self, step: str, *, has_text_left: bool) -> str:
        return ways_of(self.ways, self.first, _is_meant(self.case, step), has_text_left)[0]

    def fewer(self, *, on: bool) -> None:
        if on != self.is_fewer:
            self.is_fewer = on
            self.replan()

    def pause(self, *, on: bool) -> None:
        if on == self.is_paused:
            return
        if on:
            follows_on = self.paused_until is not None and self.now < self.paused_until + PAUSE_LASTS
            self.paused_from = self.paused_from if follows_on else self.now
        else:
            self.paused_from = None
        self.paused_until = self.now + PAUSE_LASTS if on else None
        self.replan()
        if not on and not self.is_stopped:
            for row in self.rows.values():
                if row.reason == "not in the plan" and row.ended_at == self.now:
                    row.reason = "paused"

    def stop_all(self) -> None:
        if self.agreed:
            self.stopped_at = self.now
            for way in sorted(self.agreed):
                self.switch(way, on=False)

    def undo_stop(self) -> None:
        """Only what that stop ended comes back, and nothing that takes nothing."""
        if self.stopped_at is None or self.now >= self.stopped_at + STOP_UNDO:
            return
        ended = [way for way, at in self.ended.items() if at == self.stopped_at and way not in self.failed]
        for way in ended:
            if way != PUSH or self.has_phone:
                self.switch(way, on=True)
        self.stopped_at = None

    def withdraw(self, *, on: bool) -> None:
        """The yes to the app is taken back, or given anew. What has left, or is leaving, goes no further in between."""
        if on == self.has_left:
            return
        self.has_left = on
        self.replan()
        for row in self.rows.values():
            if on and row.has_left and row.window_ends_at > self.now and row.reason != ALREADY_DONE:
                row.reason = WITHDRAWN
            elif not on and row.reason == WITHDRAWN and row.state != CANCELLED:
                row.reason = ""

    def next_tip(self) -> Row | None:
        """The tip that a drink or a rest makes up for."""
        soon = [row for row in self.rows.values() if row.is_loose and row.kind == TIP and row.window_ends_at > self.now]
        first = min(soon, key=lambda row: row.due_at, default=None)
        return first if first and not self.is_stopped and first.due_at <= self.now + SOON else None

    def did(self, row: Row | None) -> None:
        """What has left goes no further, and the next one is left out, where one comes soon."""
        if self.is_stopped:
            return
        for tip in self.rows.values():
            if tip.kind == TIP and tip.has_left and tip.window_ends_at > self.now:
                tip.reason, tip.is_done = ALREADY_DONE, True
        if row:
            row.state, row.reason, row.ended_at, row.is_done = CANCELLED, ALREADY_DONE, self.now, True

    def did_not(self, row: Row | None) -> None:
        if self.is_stopped:
            return
        left = [tip for tip in self.rows.values() if tip.has_left and tip.reason == ALREADY_DONE]
        for tip in left:
            tip.reason, tip.is_done = WITHDRAWN if self.has_left else "", False
        for tip in left:
            if tip.tries in tip.tried and tip.tried[tip.tries].report in LOST:
                [*self._settle(tip, tip.tries, at=self.now)]
        if row:
            row.reason, row.is_done = "not in the plan", False
            self.replan()

    def reach_first(self, way: str) -> None:
        if way != self.first:
            self.first = way
            self._place()

    def travel(self, zone: str) -> None:
        if not self.is_stopped:
            self.zone = zone
            self.replan()

    # What a dispatcher does. It stops before each transaction but its first.

    def deliver(self, *, looks_back: timedelta | None = LOOKS_BACK) -> Iterator[None]:
        """Until nothing waits for its next way."""
        goes_on = True
        while goes_on and (batch := self._claim(looks_back)):
            goes_on = False
            yield
            letters, endings = self._write(batch)
            if endings:
                yield
                goes_on, _ = self._end(endings)
            for way in dict.fromkeys(hold.channel for hold in letters):
                at = self.now
                yield
                of_way = [hold for hold in letters if hold.channel == way]
                goes_on = (yield from self._fly(of_way, way, at=at)) or goes_on
            if goes_on:
                yield

    def sweep(self) -> Iterator[None]:
        yield from self.deliver(looks_back=None)
        yield
        for row in self.rows.values():
            if row.state == WAITING and row.begun_at and row.lease_until and row.lease_until < self.now:
                row.state, row.reason, row.ended_at = UNKNOWN, row.reason or "lost in flight", self.now

    def is_due(self, row: Row, looks_back: timedelta | None = LOOKS_BACK) -> bool:
        """Whether a claim takes it now."""
        since = self.now - looks_back if looks_back is not None else LONG_AGO
        is_free = row.lease_until is None or row.lease_until < self.now
        can_wait = self._is_held(row) and self.holds[row.channel] + FOR_NEXT_WAY < row.window_ends_at
        has_flown = row.begun_at is not None and not self.faults.claims_begun
        return row.state == WAITING and not has_flown and since < row.due_at <= self.now and is_free and not can_wait

    def _is_held(self, row: Row) -> bool:
        until = self.holds.get(row.channel)
        return until is not None and until > self.now

    def _claim(self, looks_back: timedelta | None) -> list[Hold]:
        held = []
        for row in sorted(self.rows.values(), key=lambda row: row.due_at):
            if self.is_due(row, looks_back):
                row.lease_until = self.now + LEASE
                row.tries += 1
                is_held = self._is_held(row)
                held.append(Hold(row, row.channel, row.plan_number, row.tries, row.window_ends_at, is_held=is_held))
        return held

    def _write(self, batch: Sequence[Hold]) -> tuple[list[Hold], list[End]]:
        letters: list[Hold] = []
        endings: list[End] = []
        if not self.is_stopped and any(hold.tries > 1 and hold.plan_number != self.plan_number for hold in batch):
            self.replan()
            return letters, endings
        texts_left = self._texts_left()
        for hold in batch:
            if hold.window_ends_at <= self.now and not self.faults.ignores_windows:
                endings.append(End(hold, SKIPPED, "window over"))
            elif self.is_stopped:
                endings.append(End(hold, CANCELLED, "visit stopped"))
            elif self.is_paused:
                endings.append(End(hold, CANCELLED, "paused"))
            elif hold.channel == IN_APP:
                endings.append(_next_way(hold, IN_APP))
            else:
                match self._by_ways(hold, texts_left):
                    case Hold() as ready:
                        letters.append(ready)
                    case End() as end:
                        endings.append(end)
        return letters, endings

    def _by_ways(self, hold: Hold, texts_left: int) -> Hold | End:
        if self.faults.cancels_all or self.faults.fails_all:
            return End(hold, CANCELLED if self.faults.cancels_all else FAILED)
        spent, others = self._others(hold, texts_left)
        if self.faults.shows_all:
            return _next_way(hold, IN_APP)
        is_open = hold.channel in self.ways and (hold.channel != PUSH or self.has_phone)
        if not is_open or hold.channel in spent or (hold.is_held and others):
            return _next_way(hold, others[0])
        tried = hold.row.tried.values() if hold.tries > 1 else ()
        asked = sum(each.way == hold.channel and each.outcome is Outcome.NOT_ACCEPTED for each in tried)
        return replace(hold, others=others, asked=asked)

    def _others(self, hold: Hold, texts_left: int) -> tuple[set[str], tuple[str, ...]]:
        tried = hold.row.tried.values() if hold.tries > 1 else ()
        spent = {each.way for each in tried if each.outcome is not Outcome.NOT_ACCEPTED}
        is_meant = hold.channel != PUSH or _is_meant(self.case, hold.row.step)
        may_turn_text = hold.channel == PUSH or (hold.channel == EMAIL and self.first == EMAIL)
        has_text_left = hold.channel == SMS or (may_turn_text and texts_left > 0)
        order = ways_of(self.ways, self.first, is_meant, has_text_left)
        return spent, ways_after(hold.channel, order, spent=spent)

    def _texts_left(self) -> int:
        return self.case.document.budget.texts - (0 if self.faults.forgets_budget else self._texts())

    def _texts(self) -> int:
        """As the product counts them."""
        return sum(row.channel == SMS and row.state not in (CANCELLED, SKIPPED) for row in self.rows.values())

    def _fly(self, letters: Sequence[Hold], way: str, *, at: datetime) -> Generator[None, None, bool]:
        flight = [hold for hold in letters if self._may_begin(hold)]
        if not flight:
            return False
        for hold in flight:
            hold.row.begun_at, hold.row.lease_until = self.now, self.now + LOST_AFTER
            hold.row.tried[hold.tries] = Try(hold.channel, self.now)
        answers = [self._send(hold) for hold in flight]
        endings = [self._ending(hold, answer) for hold, answer in zip(flight, answers, strict=True)]
        yield
        for hold, answer in zip(flight, answers, strict=True):
            hold.row.tried[hold.tries].outcome = answer.outcome
        began = flight[0].row.tried[flight[0].tries].began_at
        goes_on, ended = self._end(endings, begun=True)
        for hold in ended:
            self._doubt_lost(hold.row, hold.tries)
        for hold in ended:
            if hold.row.tried[hold.tries].report:
                yield
                yield from self._settle(hold.row, hold.tries, at=began)
        wishes = [answer.retry_after for answer in answers if answer.retry_after]
        unwell = sum(answer.is_unwell for answer in answers)
        if lasts := hold_for(wishes, unwell=unwell, of=len(flight), is_one=way != PUSH):
            yield
            self.holds[way] = max(self.holds.get(way, LONG_AGO), self.now + lasts)
        yield from self._note_dead(sum(answer.is_dead for answer in answers), way, at=at)
        return goes_on

    def _note_dead(self, count: int, way: str, *, at: datetime) -> Iterator[None]:
        """A browser that is gone is dropped at once, an address is ended for each message that it refused."""
        if way == PUSH and count:
            yield
            self.has_phone = False
            self.closed.add(PUSH)
            return
        for _ in range(count):
            yield
            self._end_way(way, at=at)

    def _may_begin(self, hold: Hold) -> bool:
        row = hold.row
        fence = (row.plan_number, row.tries, row.channel) == (hold.plan_number, hold.tries, hold.channel)
        is_in_time = row.window_ends_at > self.now or self.faults.ignores_windows
        is_free = row.begun_at is None or self.faults.claims_begun
        return (fence or self.faults.has_no_fence) and row.state == WAITING and is_free and is_in_time

    def _send(self, hold: Hold) -> Answer:
        answer = self.moods[hold.channel]
        self._check_flight(hold)
        if answer.takes:
            self._check_taken(hold)
            self.taken.append((hold.row.step, hold.channel))
            self.accepted.append((hold.row.step, hold.channel))
            hold.row.tried[hold.tries].is_taken = True
            if hold.channel == SMS:
                self.texts.append((hold.row, hold.tries))
        return answer

    def _ending(self, hold: Hold, answer: Answer) -> End:
        if answer.outcome is Outcome.ACCEPTED:
            return End(hold, SENT)
        if answer.outcome is Outcome.AMBIGUOUS and self.faults.resends:
            answer = Answer(Outcome.NOT_ACCEPTED)
        match next_try(
            tries=hold.asked + 1,
            outcome=answer.outcome,
            at=self.now,
            window_ends_at=hold.window_ends_at,
            retry_after=answer.retry_after,
            others=hold.others,
        ):
            case Retry(at=again_at):
                return End(hold, WAITING, again_at=again_at)
            case NextWay(way=way):
                return _next_way(hold, way)
            case TooLate():
                return End(hold, SKIPPED, "window over")
            case GiveUp(reason=reason):
                return End(hold, FAILED, reason)
            case _:
                return End(hold, UNKNOWN, "no clear answer")

    def _end(self, endings: Sequence[End], *, begun: bool = False) -> tuple[bool, list[Hold]]:
        """Whether one of them waits for its next way, now; and all that ended so."""
        ended: list[Hold] = []
        goes_on = False
        for end in endings:
            row = end.hold.row
            fits = (
                row.begun_at is not None if begun else row.begun_at is None and row.plan_number == end.hold.plan_number
            )
            if row.state != WAITING or not fits or (row.tries != end.hold.tries and not self.faults.has_no_fence):
                continue
            if row.reason and (
                end.state in (WAITING, SKIPPED) or end.next_way
            ):  # called off on its way: it goes on no more
                row.state, row.lease_until, row.begun_at = CANCELLED, end.again_at, None
                row.sent_at, row.ended_at = None, self.now
                ended.append(end.hold)
                continue
            self._check_cause(end)
            keeps = row.reason and end.state in (SENT, UNKNOWN)
            row.reason = row.reason if keeps else end.reason
            row.state, row.lease_until, row.begun_at = end.state, end.again_at, None
            row.channel = end.next_way or row.channel
            row.sent_at = self.now if end.state == SENT else None
            row.ended_at = self.now if end.state != WAITING else None
            goes_on = goes_on or (end.state == WAITING and bool(end.next_way))
            ended.append(end.hold)
        return goes_on, ended

    # What a provider says later.

    def text(self, back: int) -> tuple[Row, int] | None:
        """The last text that a provider took, or one of those before it."""
        return self.texts[-1 - back] if back < len(self.texts) else None

    def report(self, row: Row, number: int, report: Report, *, at: datetime, is_dead: bool = False) -> Iterator[None]:
        """What is said of one try: noted, followed, and a way that takes nothing ended. It stops before each transaction
        but its first."""
        tried = row.tried[number]
        if self.faults.believes_any or says_more(report, before=tried.report or ""):
            if report in LOST and tried.report != Report.DELIVERED and not tried.was_lost:
                tried.was_lost = True
                self.accepted.remove((row.step, SMS))
            tried.report, tried.is_dead = report, is_dead
            self._doubt_lost(row, number)
        ends_way = tried.report in LOST and tried.is_dead
        yield
        yield from self._settle(row, number, at=at)
        if ends_way:
            yield
            self._end_way(SMS, at=tried.began_at)

    def look_up(self) -> Iterator[None]:
        """Of texts that nobody knows of: what its provider has is told, what it does not have stays as it is. "Not now" ends
        it."""
        at = self.now
        lost = sorted(self.missing(), key=lambda row: (row.lease_until or LONG_AGO, row.ended_at or LONG_AGO))
        is_quiet = self.holds.get(SMS, LONG_AGO) > at
        tried = [(row, row.tries, row.tried[row.tries]) for row in lost]
        told = [each for each in tried if each[2].report]
        untold = [each for each in tried if not each[2].report]
        for row, number, _ in told:
            yield
            yield from self._settle(row, number, at=at)
        if not untold or is_quiet:
            return
        yield
        written = [each for each in untold if self._may_name(each[2])]
        for row, number, each in untold:
            if not self._may_name(each):
                self._note_turn(row, number, at=at)
        for row, number, each in written:
            yield
            if not self._note_turn(row, number, at=at):
                continue
            if self.moods[SMS].outcome is Outcome.NOT_ACCEPTED:
                return
            if each.is_taken:
                truth = each.truth
                yield
                yield
                yield from self.report(row, number, truth, at=at)
            elif at - each.began_at > GIVES_UP_AFTER:
                yield
                self._miss(row, number)

    def _note_turn(self, row: Row, number: int, *, at: datetime) -> bool:
        """It is asked for now, while nobody knows of it."""
        is_unknown = (row.state, row.tries) == (UNKNOWN, number)
        row.lease_until = at if is_unknown else row.lease_until
        return is_unknown

    def missing(self) -> list[Row]:
        """Of which a look-up asks now."""
        first, last = self.now - LOOKS_UP_UNTIL, self.now - LOOKS_UP_AFTER
        texts = [row for row in self.rows.values() if row.state == UNKNOWN and row.channel == SMS]
        asked = [row for row in texts if row.reason != NOT_THERE and row.ended_at and first < row.ended_at < last]
        over = self.now - GIVES_UP_AFTER
        return [row for row in asked if row.reason not in NO_FURTHER or (row.ended_at or first) >= over]

    def _may_name(self, tried: Try) -> bool:
        """The words of what may not leave any more are not written again."""
        is_paused = self.paused_until is not None and tried.began_at < self.paused_until
        return SMS in self.ways and not self.is_stopped and not is_paused

    def _miss(self, row: Row, number: int) -> None:
        if row.state == UNKNOWN and row.tries == number and row.reason not in NO_FURTHER:
            row.reason = NOT_THERE
            if self.faults.resends_missing:
                row.state, row.reason, row.begun_at, row.lease_until = WAITING, "", None, None

    def _doubt_lost(self, row: Row, number: int) -> None:
        """What counts as sent is unknown until its loss was followed."""
        tried = row.tried[number]
        if tried.report in LOST and row.state == SENT and (row.tries, row.channel) == (number, tried.way):
            row.state, row.ended_at = UNKNOWN, self.now

    def _settle(self, row: Row, number: int, *, at: datetime) -> Iterator[None]:
        tried = row.tried[number]
        before = replace(row)
        if tried.report in ARRIVED:
            self._arrive(row, number, tried)
            self._check_settled(before, row, number)
            return
        if tried.report not in LOST:
            return
        hold = Hold(row, row.channel, row.plan_number, row.tries, row.window_ends_at)
        yield
        is_paused = self.paused_until is not None and at < self.paused_until
        _, others = ((), ()) if is_paused or self.is_stopped else self._others(hold, self._texts_left())
        yield
        before = replace(row)
        if tried.report in LOST and (self.faults.moves_any or (row.tries == number and row.channel == tried.way)):
            self._lose(row, others[0] if others else "")
        self._check_settled(before, row, number)
        if others:
            self._check_lost(before, row, number)

    def _arrive(self, row: Row, number: int, tried: Try) -> None:
        is_there = tried.report == Report.DELIVERED and (row.state != WAITING or row.is_loose)
        if row.state != SENT and (is_there or (row.state == UNKNOWN and row.tries == number)):
            row.state, row.channel, row.reason = SENT, tried.way, row.reason if row.reason in NO_FURTHER else ""
            row.sent_at, row.ended_at, row.begun_at, row.lease_until = tried.began_at, self.now, None, None
        row.is_there = row.is_there or is_there

    def _lose(self, row: Row, way: str) -> None:
        """On by this way, but for what goes no further; else it has failed where nobody knew of it."""
        is_in_time = row.window_ends_at > self.now or self.faults.moves_late
        is_open = is_in_time and row.reason not in NO_FURTHER and not self.faults.forgets_lost
        if way not in {"", row.channel} and is_open and row.state in (UNKNOWN, SENT):
            row.state, row.reason, row.channel = SENT if way == IN_APP else WAITING, "", way
            row.begun_at = row.lease_until = None
            row.sent_at = row.ended_at = self.now if way == IN_APP else None
        elif row.state == UNKNOWN:
            is_known = row.sent_at is not None
            row.state, row.reason = (SENT, row.reason) if is_known else (FAILED, NOT_DELIVERED)
            row.ended_at, row.begun_at = self.now, None

    # What nobody may ever see.

    def _check_flight(self, hold: Hold) -> None:
        """The moment at which a message leaves."""
        row = hold.row
        if not row.due_at <= self.now < row.window_ends_at:
            raise Broken(f"{row.step} left at {self.now}, outside {row.due_at} to {row.window_ends_at}")
        if is_night(self.now, _zone(self.zone), self.case.quiet):
            raise Broken(f"{row.step} left in quiet hours, at {self.now}")
        if self.is_paused:
            raise Broken(f"{row.step} left in a pause")
        if self.is_stopped:
            raise Broken(f"{row.step} left after the visit was stopped")
        if self.has_left:
            raise Broken(f"{row.step} left after the yes to the app was taken back")
        if hold.channel not in self.ways:
            raise Broken(f"{row.step} left by {hold.channel} after STOP")
        if any(not tried.is_certain for number, tried in row.tried.items() if number != hold.tries):
            raise Broken(f"{row.step} left again, and nobody knows that it did not arrive")
        if row.is_done or row.is_there:
            raise Broken(
                f"{row.step} left again after {'they had done it' if row.is_done else 'it was reported to be there'}"
            )
        if hold.channel in self.failed:
            raise Broken(f"{row.step} left by {hold.channel}, which takes nothing any more")

    def _check_cause(self, end: End) -> None:
        """The moment at which a row ends without a message: somebody wanted that, or no way out is left."""
        row, way = end.hold.row, end.hold.channel
        if end.state == CANCELLED and not (self.is_stopped or self.paused_until):
            raise Broken(f"{row.step} was cancelled, and nobody wanted that")
        if end.state == FAILED:
            raise Broken(f"{row.step} failed, and the app could show it")
        if end.next_way == IN_APP != way and not (way in self.closed or row.tried or end.hold.is_held):
            raise Broken(f"{row.step} is in the app alone, and {way} was open")

    def _check_settled(self, before: Row, row: Row, number: int) -> None:
        """What a report may do to its prompt: nothing to one that is on its way, that left by another try, or whose window
        is over, unless nobody knew of it; and what is there is sent."""
        tried = row.tried[number]
        if (row.state, row.channel) == (before.state, before.channel):
            return
        if before.begun_at and before.state == WAITING:
            raise Broken(f"{row.step} was on its way, and a report moved it")
        if tried.report in ARRIVED and (row.state, row.channel) != (SENT, tried.way):
            raise Broken(f"{row.step} arrived, and is called {row.state.name}")
        if tried.report in LOST and (before.channel != tried.way or before.tries != number):
            raise Broken(f"{row.step} left by another try, and a report of one before moved it")
        if tried.report in LOST and row.is_done and row.channel != tried.way:
            raise Broken(f"{row.step} went on, and they had done it")
        if tried.report in LOST and before.sent_at and before.window_ends_at <= self.now and row.state != SENT:
            raise Broken(f"{row.step} went on after its window")

    def _check_lost(self, before: Row, row: Row, number: int) -> None:
        """What was not delivered goes on, as long as it can."""
        tried, was_last = row.tried[number], before.tries == number
        can_go = before.state in (UNKNOWN, SENT) and self.now < before.window_ends_at and tried.report in LOST
        if can_go and before.reason not in NO_FURTHER and was_last and before.channel == tried.way == row.channel:
            raise Broken(f"{row.step} did not arrive, and a way was left")

    def _check_taken(self, hold: Hold) -> None:
        if any(step == hold.row.step for step, _ in self.accepted):
            raise Broken(f"{hold.row.step} was accepted twice")
        # One that is reported as not delivered reached nobody, and counts as none.
        texts = sum(way == SMS for _, way in self.accepted) + (hold.channel == SMS)
        if texts > self.case.document.budget.texts:
            raise Broken(f"{texts} texts were accepted")
        if texts > self._texts():
            raise Broken(f"{texts} texts were accepted, and the budget counts fewer")

    def _check_plan(self, planned: Sequence[PlannedPrompt], sent: Collection[Row]) -> None:
        """Two moments are the gap apart, and no window reaches into the next."""
        gap = timedelta(minutes=self.case.document.budget.gap_minutes)
        for before, after in pairwise(planned):
            if after.due_at - before.due_at < gap or before.window_ends_at > after.due_at:
                raise Broken(f"{before.step} and {after.step} are too close")
        times = [_sent(row).at for row in sent]
        if any(abs(plan.due_at - at) < gap for plan in planned for at in times):
            raise Broken("a new plan is too close to what was sent")

    def check_end(self) -> None:
        """After the last window, with nobody at work and the sweep done."""
        if open_rows := [row.step for row in self.rows.values() if row.state == WAITING]:
            raise Broken(f"{', '.join(open_rows)} never ended")
        taken, arrived = ({step for step, _ in each} for each in (self.taken, self.accepted))
        for row in self.rows.values():
            if row.state == SENT and row.channel != IN_APP and row.step not in taken:
                raise Broken(f"{row.step} is called sent, and nobody took it")
            if row.state == CANCELLED and self.plan_number == 1 and not self.is_stopped and row.reason != ALREADY_DONE:
                raise Broken(f"{row.step} was cancelled, and nobody wanted that")
            if row.state == FAILED and not any(tried.was_lost for tried in row.tried.values()):
                raise Broken(f"{row.step} failed, and nobody said that it did not arrive")
            if row.reason == "no clear answer" and row.tried[row.tries].outcome is not Outcome.AMBIGUOUS:
                raise Broken(f"{row.step} is called unknown, and its provider was clear")
            if row.is_there and row.state != SENT:
                raise Broken(f"{row.step} is there, and ended as {row.state.name}")
            if row.step in arrived and row.state not in (SENT, UNKNOWN):
                raise Broken(f"{row.step} was accepted, and ended as {row.state.name}")


def _sent(row: Row) -> SentPrompt:
    at = row.sent_at or row.begun_at or row.ended_at or row.due_at
    return SentPrompt(step=row.step, at=at, asks=row.asks, by_text=row.channel == SMS)


@lru_cache(maxsize=100_000)
def planned_for(  # noqa: PLR0917  arguments by position are what a cache is asked by
    case: Case,
    hour_zero: datetime,
    zone: str,
    sent: tuple[SentPrompt, ...],
    not_before: datetime,
    done: frozenset[str],
    is_fewer: bool,
    paused_from: datetime | None,
    paused_until: datetime | None,
) -> list[PlannedPrompt]:
    return plan_prompts(
        [each for each in case.document.prompts if each.key not in done and not (is_fewer and each.kind == TIP)],
        hour_zero=hour_zero,
        zone=_zone(zone),
        quiet_hours=case.quiet,
        budget=case.document.budget,
        sent=sent,
        not_before=not_before,
        pauses=[Night(paused_from, paused_until)] if paused_from and paused_until else [],
    )


def _next_way(hold: Hold, way: str) -> End:
    return End(hold, SENT if way == IN_APP else WAITING, next_way=way)


@cache
def ways_of(ways: frozenset[str], first: str, is_meant: bool, has_text_left: bool) -> tuple[str, ...]:
    return ways_for(ways, first=first, goes_out=is_meant, has_text_left=has_text_left)


@cache
def _is_meant(case: Case, step: str) -> bool:
    return any(template.by_text for template in case.document.prompts if template.key == step)


@cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
