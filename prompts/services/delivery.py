"""Sends what is due, in three steps: claim as the sender, read what rendering needs clinic by clinic, send and complete.

No transaction is open while a message is on its way. A flight is marked begun before it leaves: after a kill, rows that
were not begun go again when their lease is over, and rows that were begun stay unknown. They are never sent twice.
"""

from __future__ import annotations

import logging
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.utils import timezone

from accounts.models import Channel, Clinic
from accounts.states import ChannelKind
from aftercare.outbox import claim_due
from aftercare.tenancy import as_sender, tenant
from prompts.channels.sms import Sending, SmsChannel, is_signed
from prompts.models import Attempt, Prompt
from prompts.retries import GiveUp, Retry, next_try
from prompts.states import Outcome, PromptState
from prompts.words import text_message
from timeline.models import Treatment
from timeline.states import TreatmentState

log = logging.getLogger(__name__)

BATCH = 200
FLIGHT = 20
LEASE = timedelta(seconds=60)
# The search is bounded from below, so that it never walks what was finished long ago; the sweep looks at the rest.
LOOKS_BACK = timedelta(minutes=15)
# No try takes as long: a flight that began longer ago has nobody left who knows of it.
LOST_AFTER = timedelta(minutes=2)
# No flight begins later than this after the run did, so that a slow provider never has the worker cut one short.
RUN_LASTS = timedelta(seconds=40)

_MAY_RECEIVE = frozenset({TreatmentState.IN_TREATMENT, TreatmentState.RECOVERING, TreatmentState.DISCHARGED})


@dataclass(slots=True)
class Delivery:
    """How many prompts of one run ended how."""

    counts: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    def __str__(self) -> str:
        return ", ".join(f"{name.lower()} {count}" for name, count in sorted(self.counts.items())) or "nothing due"


@dataclass(frozen=True, slots=True)
class Claimed:
    """One claimed row, as far as delivery needs it. `plan_number` is the fence: a correction in between voids it."""

    id: int
    clinic_id: UUID
    patient_id: UUID
    treatment_id: UUID
    kind: str
    channel: str
    plan_number: int
    tries: int
    window_ends_at: datetime


@dataclass(frozen=True, slots=True)
class Letter:
    """A text message ready to leave."""

    prompt: Claimed
    to: str
    text: str


@dataclass(frozen=True, slots=True)
class Ending:
    """How a row ends this time: its state, or waiting again until `again_at`."""

    prompt: Claimed
    state: PromptState
    reason: str = ""
    again_at: datetime | None = None


def deliver_due(*, looks_back: timedelta | None = LOOKS_BACK) -> Delivery:
    """Sends all that is due now, batch by batch, until a claim comes back short."""
    done, ends_at = Delivery(), time.monotonic() + RUN_LASTS.total_seconds()
    while True:
        batch = _claim(looks_back=looks_back)
        _deliver(batch, ends_at=ends_at, done=done)
        if len(batch) < BATCH or time.monotonic() > ends_at:
            return done


def sweep() -> Delivery:
    """What the bounded search does not see: rows due long ago, and flights that nobody finished."""
    done = deliver_due(looks_back=None)
    if lost := _give_up_lost():
        done.counts["UNKNOWN"] += lost
    return done


def is_from_provider(url: str, form: Mapping[str, str], *, signed: str) -> bool:
    """Whether a request to our address was signed by the text provider with the account's secret."""
    return is_signed(url, form, secret=settings.SMS_AUTH_TOKEN, signed=signed)


def _claim(*, looks_back: timedelta | None) -> list[Claimed]:
    names = Claimed.__dataclass_fields__
    with as_sender():
        rows = claim_due(Prompt, waiting=PromptState.WAITING, limit=BATCH, lease=LEASE, looks_back=looks_back)
    return [Claimed(**{name: row[name] for name in names}) for row in rows]


def _deliver(batch: Sequence[Claimed], *, ends_at: float, done: Delivery) -> None:
    ready = [item for clinic_id, prompts in _by_clinic(batch).items() for item in _prepared(clinic_id, prompts)]
    letters = [item for item in ready if isinstance(item, Letter)]
    endings = [item for item in ready if isinstance(item, Ending)]
    if endings:
        _complete(endings, begun=False, done=done)
    if letters:
        with closing(_text_channel()) as channel:
            for start in range(0, len(letters), FLIGHT):
                if time.monotonic() > ends_at:
                    return  # not begun: these go again when their lease is over
                _fly(letters[start : start + FLIGHT], channel=channel, done=done)


def _by_clinic(batch: Sequence[Claimed]) -> dict[UUID, list[Claimed]]:
    groups: dict[UUID, list[Claimed]] = defaultdict(list)
    for prompt in batch:
        groups[prompt.clinic_id].append(prompt)
    return groups


def _prepared(clinic_id: UUID, prompts: Sequence[Claimed]) -> list[Letter | Ending]:
    """One clinic's share of a batch. What is wrong with one clinic's rows holds up nobody else's messages."""
    try:
        with tenant(clinic_id):
            return list(_prepare(clinic_id, prompts))
    except Exception as error:  # noqa: BLE001  the rows' lease ends, and they come again
        log.error("The messages of clinic %s could not be prepared: %s", clinic_id, type(error).__name__)
        return []


def _prepare(clinic_id: UUID, prompts: Sequence[Claimed]) -> Iterator[Letter | Ending]:
    """Decides each prompt with its clinic's rows: skip, cancel, show in the app, or send as a text. Three queries."""
    now = timezone.now()
    states = dict(Treatment.objects.filter(pk__in={p.treatment_id for p in prompts}).values_list("pk", "state"))
    sender_name = Clinic.objects.values_list("sender_name", flat=True).get(pk=clinic_id)
    numbers = dict(
        Channel.objects.filter(
            patient_id__in={p.patient_id for p in prompts if p.channel == ChannelKind.SMS},
            kind=ChannelKind.SMS,
            consented_at__isnull=False,
            stopped_at=None,
        ).values_list("patient_id", "address")
    )
    for prompt in prompts:
        if prompt.window_ends_at <= now:
            yield Ending(prompt, PromptState.SKIPPED, "window over")
        elif states.get(prompt.treatment_id) not in _MAY_RECEIVE:
            yield Ending(prompt, PromptState.CANCELLED, "visit stopped")
        elif prompt.patient_id in numbers and prompt.channel == ChannelKind.SMS and settings.SMS_BASE_URL:
            text = text_message(kind=prompt.kind, sender_name=sender_name, link=f"{settings.PUBLIC_URL}/")
            yield Letter(prompt, to=numbers[prompt.patient_id], text=text)
        else:
            yield Ending(prompt, PromptState.SENT)


def _fly(letters: Sequence[Letter], *, channel: SmsChannel, done: Delivery) -> None:
    """One flight: begun in one statement, sent side by side with no transaction open, completed in one statement."""
    flight = _begin(letters)
    if not flight:
        return
    if connection.in_atomic_block:
        raise RuntimeError("A message may not leave while a transaction is open.")
    with ThreadPoolExecutor(max_workers=len(flight), thread_name_prefix="flight") as threads:
        sendings = list(threads.map(lambda letter: channel.send(to=letter.to, text=letter.text), flight))
    now = timezone.now()
    endings = [_ending(letter.prompt, sending, at=now) for letter, sending in zip(flight, sendings, strict=True)]
    _complete(endings, begun=True, done=done, sendings=sendings)


def _ending(prompt: Claimed, sending: Sending, *, at: datetime) -> Ending:
    if sending.outcome is Outcome.ACCEPTED:
        return Ending(prompt, PromptState.SENT)
    match next_try(
        tries=prompt.tries,
        outcome=sending.outcome,
        at=at,
        window_ends_at=prompt.window_ends_at,
        retry_after=sending.retry_after,
    ):
        case Retry(at=again_at):
            return Ending(prompt, PromptState.WAITING, again_at=again_at)
        case GiveUp(reason=reason):
            return Ending(prompt, PromptState.FAILED, reason)
        case _:
            return Ending(prompt, PromptState.UNKNOWN, "no clear answer")


def _begin(letters: Sequence[Letter]) -> list[Letter]:
    """Marks a flight as begun. What was corrected, stopped or moved to the app in between, or is too late now, stays."""
    values: list[Any] = [
        LOST_AFTER,
        [letter.prompt.id for letter in letters],
        [letter.prompt.plan_number for letter in letters],
        [letter.prompt.tries for letter in letters],
        PromptState.WAITING,
        ChannelKind.SMS,
    ]
    with as_sender(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE prompts_prompt p SET begun_at = now(), lease_until = now() + %s "
            "FROM unnest(%s::bigint[], %s::int[], %s::int[]) AS f(id, plan_number, tries) "
            "WHERE p.id = f.id AND p.plan_number = f.plan_number AND p.tries = f.tries "
            "AND p.state = %s AND p.channel = %s AND p.begun_at IS NULL AND p.window_ends_at > now() "
            "RETURNING p.id, p.begun_at",
            values,
        )
        begun = dict(cursor.fetchall())
        flight = [letter for letter in letters if letter.prompt.id in begun]
        Attempt.objects.bulk_create(
            Attempt(
                clinic_id=letter.prompt.clinic_id,
                prompt_id=letter.prompt.id,
                number=letter.prompt.tries,
                channel=ChannelKind.SMS,
                began_at=begun[letter.prompt.id],
            )
            for letter in flight
        )
    return flight


def _complete(
    endings: Sequence[Ending], *, begun: bool, done: Delivery, sendings: Sequence[Sending] | None = None
) -> None:
    """Writes how rows ended, in one statement; and how each try of theirs ended, in another."""
    with as_sender(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE prompts_prompt p SET state = e.state, reason = e.reason, begun_at = NULL, lease_until = e.again_at, "
            "sent_at = CASE WHEN e.state = %(sent)s THEN now() END, "
            "channel = CASE WHEN e.state = %(sent)s AND NOT %(begun)s THEN %(in_app)s ELSE p.channel END, "
            "ended_at = CASE WHEN e.state <> %(waiting)s THEN now() END "
            "FROM unnest(%(ids)s::bigint[], %(plans)s::int[], %(states)s::int[], %(reasons)s::text[], "
            "%(again)s::timestamptz[]) AS e(id, plan_number, state, reason, again_at) "
            "WHERE p.id = e.id AND p.state = %(waiting)s "
            "AND ((%(begun)s AND p.begun_at IS NOT NULL) OR (p.begun_at IS NULL AND p.plan_number = e.plan_number)) "
            "RETURNING e.state",
            {
                "sent": PromptState.SENT,
                "waiting": PromptState.WAITING,
                "in_app": ChannelKind.IN_APP,
                "begun": begun,
                "ids": [ending.prompt.id for ending in endings],
                "plans": [ending.prompt.plan_number for ending in endings],
                "states": [int(ending.state) for ending in endings],
                "reasons": [ending.reason for ending in endings],
                "again": [ending.again_at for ending in endings],
            },
        )
        for (state,) in cursor.fetchall():
            done.counts[PromptState(state).name] += 1
        if sendings is not None:
            _complete_attempts(cursor, endings, sendings)


def _complete_attempts(cursor: Any, endings: Sequence[Ending], sendings: Sequence[Sending]) -> None:
    cursor.execute(
        "UPDATE prompts_attempt a SET ended_at = now(), outcome = e.outcome, provider_id = e.provider_id, code = e.code "
        "FROM unnest(%s::bigint[], %s::int[], %s::text[], %s::text[], %s::text[]) "
        "AS e(prompt_id, number, outcome, provider_id, code) WHERE a.prompt_id = e.prompt_id AND a.number = e.number",
        [
            [ending.prompt.id for ending in endings],
            [ending.prompt.tries for ending in endings],
            [sending.outcome.value for sending in sendings],
            [sending.provider_id for sending in sendings],
            [sending.code for sending in sendings],
        ],
    )


def _give_up_lost() -> int:
    """Flights whose process is gone: nobody knows whether the provider took them, so they stay unknown."""
    with as_sender(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE prompts_prompt SET state = %s, reason = 'lost in flight', ended_at = now() "
            "WHERE state = %s AND begun_at IS NOT NULL AND lease_until < now()",
            [PromptState.UNKNOWN, PromptState.WAITING],
        )
        return int(cursor.rowcount)


def _text_channel() -> SmsChannel:
    return SmsChannel(
        base_url=settings.SMS_BASE_URL,
        account=settings.SMS_ACCOUNT_SID,
        secret=settings.SMS_AUTH_TOKEN,
        sender=settings.SMS_FROM,
    )
