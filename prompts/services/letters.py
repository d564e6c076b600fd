"""Decides one clinic's share of a batch: skip, cancel, show in the app, or write what leaves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import UUID

from django.urls import reverse

from accounts.states import ChannelKind
from prompts.services.asked_letters import asked_for, others_asked
from prompts.services.day_reminders import NOT_NOW
from prompts.services.known import Known, read_known
from prompts.services.rows import Claimed, Ending, Letter, next_way
from prompts.services.shares import (
    Share,
    by_ways,
    is_paused,
    others,
    own_way,
    share_of,
    signed_by,
)
from prompts.states import PromptState, Reason
from prompts.words import Message, planned_message
from timeline.states import TreatmentState

WINDOW_OVER = "window over"
_MAY_RECEIVE = frozenset({TreatmentState.IN_TREATMENT, TreatmentState.RECOVERING, TreatmentState.DISCHARGED})


def write_letters(
    clinic_id: UUID, prompts: Sequence[Claimed], *, at: datetime, known: Known | None = None
) -> Iterator[Letter | Ending]:
    """Set by set, however many rows there are: one query, where nothing is `known` of them; and inside the clinic's
    transaction those of `share_of`, where these prompts need more."""
    share = share_of(clinic_id, prompts, known or read_known(prompts), at=at)
    for prompt in prompts:
        if prompt.window_ends_at <= at:
            yield Ending(prompt, PromptState.SKIPPED, WINDOW_OVER)
        elif prompt.asked_on:
            yield _of_day(prompt, share)
        elif prompt.token_id is None:
            yield _planned(prompt, share)
        else:
            yield asked_for(prompt, share)


def ways_behind(prompt: Claimed, *, at: datetime) -> tuple[str, ...]:
    """Inside its clinic's transaction: the ways that a prompt may take still, in order, once its own did not reach anybody.

    None for what has one way, as most that was asked for, and for what may not leave any more.
    """
    share = share_of(prompt.clinic_id, [prompt], read_known([prompt]), at=at)
    if is_paused(prompt, share):
        return ()
    if prompt.token_id is not None:
        return others_asked(prompt, share)
    if prompt.treatment_id and share.known.states.get(prompt.treatment_id) not in _MAY_RECEIVE:
        return ()
    return () if prompt.patient_id in share.more.held_back else others(prompt, share)


def _planned(prompt: Claimed, share: Share) -> Letter | Ending:
    if prompt.treatment_id is None or share.known.states.get(prompt.treatment_id) not in _MAY_RECEIVE:
        return Ending(prompt, PromptState.CANCELLED, "visit stopped")
    if is_paused(prompt, share):
        return Ending(prompt, PromptState.CANCELLED, Reason.PAUSED)
    if prompt.channel == ChannelKind.IN_APP:
        return next_way(prompt, ChannelKind.IN_APP)
    # prompts:prompt, at the speed of a batch
    return _by_ways(prompt, share, link=f"{share.public_url}/m/{prompt.id}/")


def _of_day(prompt: Claimed, share: Share) -> Letter | Ending:
    """Only out of the building: whoever has the app open sees the page that it leads to."""
    if prompt.patient_id in share.more.held_back:
        return Ending(prompt, PromptState.CANCELLED, NOT_NOW)
    return _by_ways(prompt, share, link=share.public_url + reverse("checkin:log"))


def _by_ways(prompt: Claimed, share: Share, *, link: str) -> Letter | Ending:
    def write(stop_link: str) -> Message:
        return planned_message(kind=prompt.kind, sender_name=signed_by(prompt, share), link=link, stop_link=stop_link)

    return by_ways(prompt, own_way(prompt, share), others(prompt, share), share, write=write)
