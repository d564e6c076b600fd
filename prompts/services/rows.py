"""The statements of a delivery, as the role that sees every clinic's prompts: claim, begin, complete, give up."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from accounts.states import ChannelKind
from aftercare.outbox import claim_due
from aftercare.prepared import array, prepared, texts
from aftercare.tenancy import as_sender
from prompts.channels.sending import Sending
from prompts.models import Prompt, WayHold
from prompts.retries import FOR_NEXT_WAY
from prompts.states import LOST, PromptState
from prompts.words import Message

BATCH = 200
LEASE = timedelta(seconds=60)
# A run looks from the start again after as many seconds: what was put back, or written late, waits no longer than that.
LOOKS_AGAIN = 1.0
# No try takes as long: a flight that began longer ago has nobody left who knows of it.
LOST_AFTER = timedelta(minutes=2)

# Their numbers stand in them, so that each is one plan.
_WAITS, _SENT = int(PromptState.WAITING), int(PromptState.SENT)
_CANCELLED, _UNKNOWN, _SKIPPED = int(PromptState.CANCELLED), int(PromptState.UNKNOWN), int(PromptState.SKIPPED)
_STATES: Mapping[int, PromptState] = {int(state): state for state in PromptState}
# Of rows that are named by their id. It must not be found by the index of what waits: a plan that was made while nothing
# did, and is kept, would walk all that waits for each flight.
_STILL_WAITS = f"p.state + 0 = {_WAITS}"
_BEGIN = (
    f"WITH begun AS (UPDATE prompts_prompt p SET begun_at = now(), "  # noqa: S608
    f"lease_until = now() + interval '{LOST_AFTER.total_seconds()} s' "
    "FROM unnest(%s::bigint[], %s::int[], %s::int[], %s::text[]) AS f(id, plan_number, tries, channel) "
    "WHERE p.id = f.id AND p.plan_number = f.plan_number AND p.tries = f.tries "
    f"AND p.channel = f.channel AND {_STILL_WAITS} AND p.begun_at IS NULL AND p.window_ends_at > now() "
    "RETURNING p.clinic_id, p.id, p.tries, p.channel, p.begun_at) "
    "INSERT INTO prompts_attempt "
    "(clinic_id, prompt_id, number, channel, began_at, outcome, provider_id, code, report, report_code) "
    "SELECT *, '', '', '', '', '' FROM begun RETURNING prompt_id"
)
# It was called off while it was on its way, and did not leave: what waits has no reason otherwise.
_IS_OFF = f"(p.reason <> '' AND (e.state IN ({_WAITS}, {_SKIPPED}) OR e.next_way <> ''))"
# Called off on its way, and left all the same: it keeps why it goes no further.
_KEEPS_REASON = f"({_IS_OFF} OR (p.reason <> '' AND e.state IN ({_SENT}, {_UNKNOWN})))"
_COMPLETES = (
    f"UPDATE prompts_prompt p SET state = CASE WHEN {_IS_OFF} THEN {_CANCELLED} ELSE e.state END, "  # noqa: S608
    f"reason = CASE WHEN {_KEEPS_REASON} THEN p.reason ELSE e.reason END, begun_at = NULL, lease_until = e.again_at, "
    f"sent_at = CASE WHEN e.state = {_SENT} AND NOT {_IS_OFF} THEN now() END, "
    f"channel = CASE WHEN e.next_way <> '' AND NOT {_IS_OFF} THEN e.next_way ELSE p.channel END, "
    f"ended_at = CASE WHEN e.state <> {_WAITS} OR {_IS_OFF} THEN now() END "
    "FROM unnest(%s::bigint[], %s::int[], %s::int[], %s::int[], %s::text[], %s::timestamptz[], %s::text[]) "
    "AS e(id, plan_number, tries, state, reason, again_at, next_way) "
    f"WHERE p.id = e.id AND p.tries = e.tries AND {_STILL_WAITS} AND {{fence}} "
    "RETURNING p.id, p.state, p.reason, e.next_way"
)
_COMPLETE = _COMPLETES.format(fence="p.begun_at IS NULL AND p.plan_number = e.plan_number")
_COMPLETE_BEGUN = _COMPLETES.format(fence="p.begun_at IS NOT NULL")
_END_TRIES = (
    "UPDATE prompts_attempt a SET ended_at = now(), outcome = e.outcome, code = e.code, "
    "provider_id = CASE WHEN e.provider_id <> '' THEN e.provider_id ELSE a.provider_id END "
    "FROM unnest(%s::bigint[], %s::int[], %s::text[], %s::text[], %s::text[]) "
    "AS e(prompt_id, number, outcome, provider_id, code) WHERE a.prompt_id = e.prompt_id AND a.number = e.number "
    "RETURNING a.prompt_id, a.number, a.report"
)


class Claimed(NamedTuple):
    """One claimed row, as far as delivery needs it. `plan_number` is the fence: a correction in between voids it. The
    provider of one that `is_held` wants quiet for longer than its window is open. `claimed_at` is by the database's clock, in
    seconds since 1970.

    It is of a treatment's plan, of a token that somebody asked for, or of a day of the patient's.
    """

    id: int
    clinic_id: UUID
    patient_id: UUID
    treatment_id: UUID | None
    token_id: int | None
    asked_on: date | None
    step: str
    kind: str
    channel: str
    address: str
    plan_number: int
    tries: int
    due_at: datetime
    window_ends_at: datetime
    is_held: bool = False
    claimed_at: float = 0.0


_OF_ROW = Claimed._fields[:-2]


@dataclass(frozen=True, slots=True)
class Letter:
    """A message ready to leave, by the channel of its prompt. `others` are the ways it may take when that one certainly did
    not, in order; the app ends them where it may be read there. `asked` tries by this way were not accepted before."""

    prompt: Claimed
    to: str
    message: Message
    others: tuple[str, ...] = ()
    asked: int = 0


class Ending(NamedTuple):
    """How a row ends this time: its state, or waiting again until `again_at`. `next_way`, where one is named, is the
    channel that it has from then on: the one it waits for, or the app that shows it."""

    prompt: Claimed
    state: PromptState
    reason: str = ""
    again_at: datetime | None = None
    next_way: str = ""


def next_way(prompt: Claimed, way: str) -> Ending:
    """By this way now, which none of the ways before took; the app shows it at once."""
    return Ending(prompt, PromptState.SENT if way == ChannelKind.IN_APP else PromptState.WAITING, next_way=way)


class Ended(NamedTuple):
    """A row that ended this way, as the database has it now. `next_way` as in its Ending."""

    prompt_id: int
    state: PromptState
    reason: str
    next_way: str
    reported: int = 0  # the number of its try, where the provider's report came before this end

    @property
    def goes_on(self) -> bool:
        """It waits for nothing: the next way may take it now."""
        return self.state == PromptState.WAITING and bool(self.next_way)


@dataclass(slots=True)
class Claims:
    """The claims of one run. Each begins where the one before ended: what is finished and can't be cleared away, since
    somebody holds a snapshot, is walked once each `looks_again` seconds and not for each batch."""

    looks_back: timedelta | None
    looks_again: float = LOOKS_AGAIN
    _since: datetime | None = None
    _looked_at: float = float("-inf")

    def next(self, *, from_start: bool = False) -> list[Claimed]:
        """Up to BATCH rows. `from_start`: something that was due before may be taken anew."""
        now = time.monotonic()
        if from_start or now >= self._looked_at + self.looks_again:
            self._since, self._looked_at = None, now
        batch = claim(looks_back=self.looks_back, since=self._since)
        self._since = max((row.due_at for row in batch), default=self._since)
        return batch


def claim(*, looks_back: timedelta | None, since: datetime | None = None) -> list[Claimed]:
    """Up to BATCH due rows of all clinics, leased; none that can wait until their provider takes something again.
    `looks_back` and `since` bound the search from below; None looks at all."""
    with as_sender():
        return claim_due(
            Prompt,
            waiting=PromptState.WAITING,
            limit=BATCH,
            lease=LEASE,
            looks_back=looks_back,
            since=since,
            holds=WayHold,
            spare=FOR_NEXT_WAY,
            columns=_OF_ROW,
            made=Claimed._make,
        )


def claimed(prompt_ids: Collection[int]) -> dict[int, Claimed]:
    """Rows as a claim has them, by id, without claiming any. As sender."""
    rows = Prompt.objects.filter(pk__in=prompt_ids).values_list(*_OF_ROW)
    return {row[0]: Claimed(*row) for row in rows}


def begin(letters: Sequence[Letter]) -> list[Letter]:
    """Marks a flight as begun, each with a try of its own, in one statement. What was corrected, stopped or moved to the app
    in between, or is too late now, stays."""
    prompts = [letter.prompt for letter in letters]
    with as_sender(), prepared() as cursor:
        cursor.execute(
            _BEGIN,
            [
                array(prompt.id for prompt in prompts),
                array(prompt.plan_number for prompt in prompts),
                array(prompt.tries for prompt in prompts),
                array(prompt.channel for prompt in prompts),
            ],
        )
        begun = {prompt_id for (prompt_id,) in cursor.fetchall()}
    return [letter for letter in letters if letter.prompt.id in begun]


def complete(endings: Sequence[Ending], *, begun: bool, sendings: Sequence[Sending] | None = None) -> list[Ended]:
    """Writes how rows ended, in one statement; and how each try of theirs ended, in another.

    What was claimed anew meanwhile, or ended some other way, stays as it is. What was called off on its way goes on no more.
    """
    prompts = [ending.prompt for ending in endings]
    with as_sender(), prepared() as cursor:
        cursor.execute(
            _COMPLETE_BEGUN if begun else _COMPLETE,
            [
                array(prompt.id for prompt in prompts),
                array(prompt.plan_number for prompt in prompts),
                array(prompt.tries for prompt in prompts),
                array(int(ending.state) for ending in endings),
                texts(ending.reason for ending in endings),
                texts(ending.again_at.isoformat() if ending.again_at else None for ending in endings),
                texts(ending.next_way for ending in endings),
            ],
        )
        ended = [Ended(pk, _STATES[state], reason, way) for pk, state, reason, way in cursor.fetchall()]
        if sendings is not None and (reported := _complete_attempts(cursor, endings, sendings)):
            ended = [row._replace(reported=reported.get(row.prompt_id, 0)) for row in ended]
            doubt_lost([row.prompt_id for row in ended if row.reported])
    return ended


def doubt_lost(prompt_ids: Collection[int]) -> None:
    """As sender: what counts as sent, and whose last try is reported as lost, is unknown until it has gone on or has its end.
    So it is looked at once more, should nobody be left who follows it now."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE prompts_prompt p SET state = %s, ended_at = now() FROM prompts_attempt a WHERE p.id = ANY(%s) "
            "AND p.state = %s AND a.prompt_id = p.id AND a.number = p.tries AND a.channel = p.channel AND a.report = ANY(%s)",
            [PromptState.UNKNOWN, list(prompt_ids), PromptState.SENT, [*LOST]],
        )


def _complete_attempts(cursor: Any, endings: Sequence[Ending], sendings: Sequence[Sending]) -> dict[int, int]:
    """By prompt: the number of the try, of those that a report was there for already."""
    cursor.execute(
        _END_TRIES,
        [
            array(ending.prompt.id for ending in endings),
            array(ending.prompt.tries for ending in endings),
            array(sending.outcome.value for sending in sendings),
            texts(sending.provider_id for sending in sendings),
            texts(sending.code for sending in sendings),
        ],
    )
    return {prompt_id: number for prompt_id, number, report in cursor.fetchall() if report}


def hold(kind: str, *, lasts: timedelta, code: str) -> None:
    """Nothing goes to this provider for a while. A longer hold of before stands."""
    values: list[Any] = [kind, lasts, code]
    with as_sender(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO prompts_wayhold AS h (kind, until, code) VALUES (%s, now() + %s, %s) "
            "ON CONFLICT (kind) DO UPDATE SET until = EXCLUDED.until, code = EXCLUDED.code WHERE h.until < EXCLUDED.until",
            values,
        )


def is_held(kind: str) -> bool:
    """As sender: whether this provider wants quiet."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM prompts_wayhold WHERE kind = %s AND until > now())", [kind])
        return bool(cursor.fetchone()[0])


def give_up_lost() -> int:
    """Flights whose process is gone: nobody knows whether the provider took them, so they stay unknown."""
    with as_sender(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE prompts_prompt SET state = %s, ended_at = now(), "
            "reason = CASE WHEN reason = '' THEN 'lost in flight' ELSE reason END "
            "WHERE state = %s AND begun_at IS NOT NULL AND lease_until < now()",
            [PromptState.UNKNOWN, PromptState.WAITING],
        )
        return int(cursor.rowcount)
