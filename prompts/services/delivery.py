"""Sends what is due, in three steps: claim as the sender, read what rendering needs clinic by clinic, send and complete.

No transaction is open while a message is on its way. A flight is marked begun before it leaves: after a kill, rows that
were not begun go again when their lease is over, and rows that were begun stay unknown. They are never sent twice.
"""

from __future__ import annotations

import logging
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.utils import timezone

from accounts.models import Channel, Clinic
from accounts.states import ChannelKind
from aftercare.tenancy import tenant
from prompts.channels.sms import Sending, SmsChannel, is_signed
from prompts.retries import GiveUp, Retry, next_try
from prompts.services.rows import BATCH, Claimed, Ending, Letter, begin, claim, complete, give_up_lost
from prompts.states import Outcome, PromptState
from prompts.words import text_message
from timeline.models import Treatment
from timeline.states import TreatmentState

log = logging.getLogger(__name__)

FLIGHT = 20
# The search is bounded from below, so that it never walks what was finished long ago; the sweep looks at the rest.
LOOKS_BACK = timedelta(minutes=15)
# No flight begins later than this after the run did, so that a slow provider never has the worker cut one short.
RUN_LASTS = timedelta(seconds=40)

_MAY_RECEIVE = frozenset({TreatmentState.IN_TREATMENT, TreatmentState.RECOVERING, TreatmentState.DISCHARGED})


@dataclass(slots=True)
class Delivery:
    """How many prompts of one run ended how."""

    counts: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def add(self, states: Iterable[PromptState]) -> None:
        for state in states:
            self.counts[state.name] += 1

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    def __str__(self) -> str:
        return ", ".join(f"{name.lower()} {count}" for name, count in sorted(self.counts.items())) or "nothing due"


def deliver_due(*, looks_back: timedelta | None = LOOKS_BACK) -> Delivery:
    """Sends all that is due now, batch by batch, until a claim comes back short."""
    done, ends_at = Delivery(), time.monotonic() + RUN_LASTS.total_seconds()
    while True:
        batch = claim(looks_back=looks_back)
        _deliver(batch, ends_at=ends_at, done=done)
        if len(batch) < BATCH or time.monotonic() > ends_at:
            return done


def sweep() -> Delivery:
    """What the bounded search does not see: rows due long ago, and flights that nobody finished."""
    done = deliver_due(looks_back=None)
    if lost := give_up_lost():
        done.counts["UNKNOWN"] += lost
    return done


def is_from_provider(url: str, form: Mapping[str, str], *, signed: str) -> bool:
    """Whether a request to our address was signed by the text provider with the account's secret."""
    return is_signed(url, form, secret=settings.SMS_AUTH_TOKEN, signed=signed)


def _deliver(batch: Sequence[Claimed], *, ends_at: float, done: Delivery) -> None:
    ready = [item for clinic_id, prompts in _by_clinic(batch).items() for item in _prepared(clinic_id, prompts)]
    letters = [item for item in ready if isinstance(item, Letter)]
    endings = [item for item in ready if isinstance(item, Ending)]
    if endings:
        done.add(complete(endings, begun=False))
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
    flight = begin(letters)
    if not flight:
        return
    if connection.in_atomic_block:
        raise RuntimeError("A message may not leave while a transaction is open.")
    with ThreadPoolExecutor(max_workers=len(flight), thread_name_prefix="flight") as threads:
        sendings = list(threads.map(lambda letter: channel.send(to=letter.to, text=letter.text), flight))
    now = timezone.now()
    endings = [_ending(letter.prompt, sending, at=now) for letter, sending in zip(flight, sendings, strict=True)]
    done.add(complete(endings, begun=True, sendings=sendings))


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


def _text_channel() -> SmsChannel:
    return SmsChannel(
        base_url=settings.SMS_BASE_URL,
        account=settings.SMS_ACCOUNT_SID,
        secret=settings.SMS_AUTH_TOKEN,
        sender=settings.SMS_FROM,
    )
