"""Sends what is due, in three steps: claim as the sender, read what rendering needs inside each clinic, send and complete.

No transaction is open while a message is on its way. A flight is marked begun before it leaves: after a kill, rows that
were not begun go again when their lease is over, and rows that were begun stay unknown. They are never sent twice: what one
way certainly did not take goes on by the next, and what it may have taken stays.
"""

from __future__ import annotations

import logging
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Self

from django.db import InterfaceError, NotSupportedError, OperationalError, connection
from django.utils import timezone

from accounts.states import ChannelKind
from prompts.channels.sending import Sending, Way
from prompts.pressure import AT_ONCE, FLIGHT, SLOW, hold_for, next_flight
from prompts.retries import GiveUp, NextWay, Retry, TooLate, next_try
from prompts.services.letters import WINDOW_OVER
from prompts.services.lost_ways import note_lost
from prompts.services.preparing import prepare
from prompts.services.receipts import key_of, settle
from prompts.services.rows import (
    BATCH,
    Claimed,
    Claims,
    Ended,
    Ending,
    Letter,
    begin,
    complete,
    give_up_lost,
    hold,
    next_way,
)
from prompts.services.shares import NOT_A_GUEST
from prompts.services.ways import WAYS, refuse_inside_transaction
from prompts.states import Outcome, PromptState

log = logging.getLogger(__name__)

# The search is bounded from below, so that it never walks what was finished long ago; the sweep looks at the rest.
LOOKS_BACK = timedelta(minutes=15)
# No flight begins later than this after the run did, so that a slow provider never has the worker cut one short.
RUN_LASTS = timedelta(seconds=40)
# Seconds; all of them long before a flight counts as lost.
_PAUSES = (0.5, 1, 2, 4, 8, 16)
# A restart of the database, and a migration that makes void the plans that a connection keeps.
_BREAKS = (OperationalError, InterfaceError, NotSupportedError)
# A letter, what its provider said, and how long it took to say it.
_Sent = tuple[Letter, Sending, timedelta]


@dataclass(slots=True)
class Delivery:
    """How many prompts of one run ended how, and how many of them were held back by the guest list. `goes_on`: some wait
    for their next way, now."""

    counts: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    held_back: int = 0
    goes_on: bool = False

    def add(self, ended: Sequence[Ended]) -> None:
        states = Counter(row.state for row in ended if not row.goes_on)
        self.goes_on = self.goes_on or states.total() < len(ended)
        for state, count in states.items():
            self.counts[state.name] += count
        if strangers := [row.prompt_id for row in ended if row.reason == NOT_A_GUEST]:
            self.held_back += len(strangers)
            log.info("Held back by the guest list", extra={"prompts": strangers})

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    def __str__(self) -> str:
        words = ", ".join(f"{name.lower()} {count}" for name, count in sorted(self.counts.items())) or "nothing due"
        return f"{words} ({self.held_back} {NOT_A_GUEST})" if self.held_back else words


def deliver_due(
    *, looks_back: timedelta | None = LOOKS_BACK, when_full: Callable[[], object] = lambda: None
) -> Delivery:
    """Sends all that is due now, batch by batch, until a claim comes back short and nothing waits for its next way.

    `when_full` is called once, when a first claim brings a whole batch: there may be work for somebody else too.
    """
    done, claims, ends_at = Delivery(), Claims(looks_back), time.monotonic() + RUN_LASTS.total_seconds()
    with Outs() as outs:
        batch = _claimed(claims, outs)
        if len(batch) == BATCH:
            when_full()
        while True:
            done.goes_on = False
            _deliver(batch, outs=outs, ends_at=ends_at, done=done)
            is_last = len(batch) < BATCH and not done.goes_on
            if is_last or time.monotonic() > ends_at:
                return done
            batch = _claimed(claims, outs, from_start=done.goes_on)


def sweep(*, when_full: Callable[[], object] = lambda: None) -> Delivery:
    """What the bounded search does not see: rows due long ago, and flights that nobody finished."""
    done = deliver_due(looks_back=None, when_full=when_full)
    if lost := give_up_lost():
        done.counts["UNKNOWN"] += lost
    return done


class Outs:
    """The ways out of one run, and the threads that wait for providers: each made when a first message needs it. `sizes`: how
    many messages the next flight to each may have. `ahead`: of this host's clock the database's, by which windows open and
    end."""

    def __init__(self) -> None:
        self._closes, self._ways = ExitStack(), dict[str, Way]()
        self.sizes = defaultdict[str, int](lambda: FLIGHT)
        self.ahead = timedelta(0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._closes.close()

    def now(self) -> datetime:
        return timezone.now() + self.ahead

    def way(self, kind: str) -> Way:
        if kind not in self._ways:
            self._ways[kind] = self._closes.enter_context(closing(WAYS[kind]()))
        return self._ways[kind]

    @cached_property
    def threads(self) -> ThreadPoolExecutor:
        return self._closes.enter_context(ThreadPoolExecutor(max_workers=FLIGHT, thread_name_prefix="flight"))


def _claimed(claims: Claims, outs: Outs, *, from_start: bool = False) -> list[Claimed]:
    batch = claims.next(from_start=from_start)
    if batch:
        outs.ahead = datetime.fromtimestamp(batch[0].claimed_at, UTC) - timezone.now()
    return batch


def _deliver(batch: Sequence[Claimed], *, outs: Outs, ends_at: float, done: Delivery) -> None:
    ready = prepare(batch, now=outs.now)
    letters = [item for item in ready if isinstance(item, Letter)]
    endings = [item for item in ready if isinstance(item, Ending)]
    if endings:
        with _outlived():
            done.add(complete(endings, begun=False))
    lines = [
        Line(outs.way(kind), kind=kind, letters=deque(waiting), outs=outs)
        for kind, waiting in _by_kind(letters).items()
    ]
    # Each provider in its turn: one that hangs holds up the others for one flight.
    while lines := [line for line in lines if line.letters]:
        for line in lines:
            if time.monotonic() <= ends_at:
                with _outlived():
                    line.fly(done)
                continue
            with _outlived():
                line.put_back(done)
            line.letters.clear()


@contextmanager
def _outlived() -> Iterator[None]:
    """Somebody holds a row for long, or the database is away: what was to be written waits for its lease, and what comes
    after it goes on."""
    try:
        yield
    except _BREAKS:
        log.exception("Part of a batch waits for its lease")
        connection.close()


def _by_kind(letters: Sequence[Letter]) -> dict[str, list[Letter]]:
    groups: dict[str, list[Letter]] = defaultdict(list)
    for letter in letters:
        groups[letter.prompt.channel].append(letter)
    return groups


@dataclass(slots=True)
class Line:
    """What of a batch waits for one provider."""

    way: Way
    kind: str
    letters: deque[Letter]
    outs: Outs

    def fly(self, done: Delivery) -> None:
        """One flight: begun in one statement, sent side by side with no transaction open, completed in one statement."""
        at, size = self.outs.now(), self.outs.sizes[self.kind]
        flight = begin([self.letters.popleft() for _ in range(min(size, len(self.letters)))])
        if not flight:
            return
        refuse_inside_transaction()
        sent, sendings, lasted = zip(*self._sent(flight, done), strict=True)
        now = self.outs.now()
        endings = [_ending(letter, sending, at=now) for letter, sending in zip(sent, sendings, strict=True)]
        ended = _completed(endings, sendings)
        done.add(ended)
        for row in ended:
            if row.reported:
                settle(row.prompt_id, row.reported, at=now)
        self.outs.sizes[self.kind] = next_flight(size, lasted)
        self._yield_to(sendings, done)
        note_lost(sent, sendings, at=at)

    def _sent(self, flight: Sequence[Letter], done: Delivery) -> list[_Sent]:
        """Side by side, a thread for each; but by the first alone while answers come at once."""
        left, began = deque(flight), time.monotonic()
        tries = [self.outs.threads.submit(self._take, left)]
        wait(tries, timeout=AT_ONCE.total_seconds())
        tries += [self.outs.threads.submit(self._take, left) for _ in range(len(left))]
        if wait(tries, timeout=max(began + SLOW.total_seconds() - time.monotonic(), 0)).not_done:
            with _outlived():  # what the providers say to the flight under way counts more than this
                self.put_back(done)
        return [sent for each in tries for sent in each.result()]

    def _take(self, left: deque[Letter]) -> list[_Sent]:
        sent: list[_Sent] = []
        while True:
            try:
                letter = left.popleft()
            except IndexError:
                return sent
            sent.append(self._send(letter))

    def _send(self, letter: Letter) -> _Sent:
        began, prompt = time.monotonic(), letter.prompt
        lasts = prompt.window_ends_at - self.outs.now()
        sending = self.way.send(to=letter.to, message=letter.message, key=key_of(prompt.id, prompt.tries), lasts=lasts)
        return letter, sending, timedelta(seconds=time.monotonic() - began)

    def _yield_to(self, sendings: Sequence[Sending], done: Delivery) -> None:
        """A provider that wants quiet gets it, from everybody; what waited for it in this run is put back."""
        wishes = [sending.retry_after for sending in sendings if sending.retry_after]
        unwell = [sending.code for sending in sendings if sending.is_unwell]
        lasts = hold_for(wishes, unwell=len(unwell), of=len(sendings), is_one=self.kind != ChannelKind.PUSH)
        if lasts is None:
            return
        hold(self.kind, lasts=lasts, code=unwell[0] if unwell else "")
        self.put_back(done)

    def put_back(self, done: Delivery) -> None:
        """What has not begun is anybody's again at once: it waits behind no answer that does not come, and for no lease."""
        if self.letters:
            done.add(complete([Ending(letter.prompt, PromptState.WAITING) for letter in self.letters], begun=False))
            self.letters.clear()


def _completed(endings: Sequence[Ending], sendings: Sequence[Sending]) -> list[Ended]:
    """A database that restarts is waited for, and a plan that a migration made void is made anew: what the providers said
    would be known to nobody else."""
    for pause in _PAUSES:
        try:
            return complete(endings, begun=True, sendings=sendings)
        except _BREAKS:
            connection.close()
            time.sleep(pause)
    return complete(endings, begun=True, sendings=sendings)


def _ending(letter: Letter, sending: Sending, *, at: datetime) -> Ending:
    prompt = letter.prompt
    if sending.outcome is Outcome.ACCEPTED:
        return Ending(prompt, PromptState.SENT)
    match next_try(
        tries=letter.asked + 1,
        outcome=sending.outcome,
        at=at,
        window_ends_at=prompt.window_ends_at,
        retry_after=sending.retry_after,
        others=letter.others,
    ):
        case Retry(at=again_at):
            return Ending(prompt, PromptState.WAITING, again_at=again_at)
        case NextWay(way=way):
            return next_way(prompt, way)
        case TooLate():
            return Ending(prompt, PromptState.SKIPPED, WINDOW_OVER)
        case GiveUp(reason=reason):
            return Ending(prompt, PromptState.FAILED, reason)
        case _:
            return Ending(prompt, PromptState.UNKNOWN, "no clear answer")
