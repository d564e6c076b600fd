"""Sends what is due, in three steps: claim as the sender, read what rendering needs clinic by clinic, send and complete.

No transaction is open while a message is on its way. A flight is marked begun before it leaves: after a kill, rows that
were not begun go again when their lease is over, and rows that were begun stay unknown. They are never sent twice: what one
way certainly did not take goes on by the next, and what it may have taken stays.
"""

from __future__ import annotations

import logging
import time
from collections import defaultdict, deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db import InterfaceError, OperationalError, connection
from django.utils import timezone

from accounts.states import ChannelKind
from aftercare.tenancy import tenant
from prompts.channels.sending import Sending, Way
from prompts.pressure import FLIGHT, SLOW, hold_for, next_flight
from prompts.retries import GiveUp, NextWay, Retry, TooLate, next_try
from prompts.services.letters import NOT_A_GUEST, WINDOW_OVER, next_way, write_letters
from prompts.services.lost_ways import note_lost
from prompts.services.planning import plan_returned
from prompts.services.receipts import key_of, settle
from prompts.services.rows import BATCH, Claimed, Claims, Ended, Ending, Letter, begin, complete, give_up_lost, hold
from prompts.services.ways import WAYS, refuse_inside_transaction
from prompts.states import Outcome, PromptState

log = logging.getLogger(__name__)

# The search is bounded from below, so that it never walks what was finished long ago; the sweep looks at the rest.
LOOKS_BACK = timedelta(minutes=15)
# No flight begins later than this after the run did, so that a slow provider never has the worker cut one short.
RUN_LASTS = timedelta(seconds=40)
# Seconds; all of them long before a flight counts as lost.
_PAUSES = (0.5, 1, 2, 4, 8, 16)


@dataclass(slots=True)
class Delivery:
    """How many prompts of one run ended how, and how many of them were held back by the guest list. `goes_on`: some wait
    for their next way, now."""

    counts: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    held_back: int = 0
    goes_on: bool = False

    def add(self, ended: Sequence[Ended]) -> None:
        for row in ended:
            if row.goes_on:
                self.goes_on = True
            else:
                self.counts[row.state.name] += 1
        if strangers := [row.prompt_id for row in ended if row.reason == NOT_A_GUEST]:
            self.held_back += len(strangers)
            log.info("Held back by the guest list", extra={"prompts": strangers})

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    def __str__(self) -> str:
        words = ", ".join(f"{name.lower()} {count}" for name, count in sorted(self.counts.items())) or "nothing due"
        return f"{words} ({self.held_back} {NOT_A_GUEST})" if self.held_back else words


def deliver_due(*, looks_back: timedelta | None = LOOKS_BACK) -> Delivery:
    """Sends all that is due now, batch by batch, until a claim comes back short and nothing waits for its next way."""
    done, claims, ends_at = Delivery(), Claims(looks_back), time.monotonic() + RUN_LASTS.total_seconds()
    while True:
        batch = claims.next(from_start=done.goes_on)
        done.goes_on = False
        _deliver(batch, ends_at=ends_at, done=done)
        is_last = len(batch) < BATCH and not done.goes_on
        if is_last or time.monotonic() > ends_at:
            return done


def sweep() -> Delivery:
    """What the bounded search does not see: rows due long ago, and flights that nobody finished."""
    done = deliver_due(looks_back=None)
    if lost := give_up_lost():
        done.counts["UNKNOWN"] += lost
    return done


def _deliver(batch: Sequence[Claimed], *, ends_at: float, done: Delivery) -> None:
    ready = [item for clinic_id, prompts in _by_clinic(batch).items() for item in _prepared(clinic_id, prompts)]
    letters = [item for item in ready if isinstance(item, Letter)]
    endings = [item for item in ready if isinstance(item, Ending)]
    if endings:
        done.add(complete(endings, begun=False))
    with ExitStack() as closes:
        threads = closes.enter_context(ThreadPoolExecutor(max_workers=FLIGHT, thread_name_prefix="flight"))
        lines = [
            Line(closes.enter_context(closing(WAYS[kind]())), kind=kind, letters=deque(waiting), threads=threads)
            for kind, waiting in _by_kind(letters).items()
        ]
        # Each provider in its turn: one that hangs holds up the others for one flight.
        while lines := [line for line in lines if line.letters]:
            for line in lines:
                if time.monotonic() > ends_at:
                    line.put_back(done)
                else:
                    line.fly(done)


def _by_clinic(batch: Sequence[Claimed]) -> dict[UUID, list[Claimed]]:
    groups: dict[UUID, list[Claimed]] = defaultdict(list)
    for prompt in batch:
        groups[prompt.clinic_id].append(prompt)
    return groups


def _by_kind(letters: Sequence[Letter]) -> dict[str, list[Letter]]:
    groups: dict[str, list[Letter]] = defaultdict(list)
    for letter in letters:
        groups[letter.prompt.channel].append(letter)
    return groups


def _prepared(clinic_id: UUID, prompts: Sequence[Claimed]) -> list[Letter | Ending]:
    """One clinic's share of a batch. What is wrong with one clinic's rows holds up nobody else's messages."""
    try:
        with tenant(clinic_id):
            at = timezone.now()
            return list(write_letters(clinic_id, plan_returned(prompts, at=at), at=at))
    except Exception:
        # The rows' lease ends, and they come again.
        log.exception("A clinic's messages could not be prepared", extra={"clinic": clinic_id})
        return []


@dataclass(slots=True)
class Line:
    """What waits for one provider in this run, and how many of it may be on their way at a time."""

    way: Way
    kind: str
    letters: deque[Letter]
    threads: ThreadPoolExecutor
    size: int = FLIGHT

    def fly(self, done: Delivery) -> None:
        """One flight: begun in one statement, sent side by side with no transaction open, completed in one statement."""
        at = timezone.now()
        flight = begin([self.letters.popleft() for _ in range(min(self.size, len(self.letters)))])
        if not flight:
            return
        refuse_inside_transaction()
        tries = [self.threads.submit(self._send, letter) for letter in flight]
        if wait(tries, timeout=SLOW.total_seconds()).not_done:
            self.put_back(done)
        sendings, lasted = zip(*(each.result() for each in tries), strict=True)
        now = timezone.now()
        endings = [_ending(letter, sending, at=now) for letter, sending in zip(flight, sendings, strict=True)]
        ended = _completed(endings, sendings)
        done.add(ended)
        for row in ended:
            if row.reported:
                settle(row.prompt_id, row.reported, at=now)
        self.size = next_flight(self.size, lasted)
        self._yield_to(sendings, done)
        note_lost(flight, sendings, at=at)

    def _send(self, letter: Letter) -> tuple[Sending, timedelta]:
        began, prompt = time.monotonic(), letter.prompt
        lasts = prompt.window_ends_at - timezone.now()
        sending = self.way.send(to=letter.to, message=letter.message, key=key_of(prompt.id, prompt.tries), lasts=lasts)
        return sending, timedelta(seconds=time.monotonic() - began)

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
    """A database that restarts is waited for: what the providers said would be known to nobody else."""
    for pause in _PAUSES:
        try:
            return complete(endings, begun=True, sendings=sendings)
        except (OperationalError, InterfaceError):
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
