"""What the prompts of a share hang on: their clinic, visits and open ways, and what was tried for them before."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import Count, Q

from accounts.models import Channel
from accounts.states import ChannelKind
from prompts.models import Attempt
from prompts.services.rows import Claimed
from prompts.states import Outcome, PromptState
from timeline.models import Treatment

_NO_TEXT = (PromptState.CANCELLED, PromptState.SKIPPED)


@dataclass(frozen=True, slots=True)
class Tries:
    """Of one prompt. `spent`: ways that answered for good, or not clearly. `asked`: by way, how often it was not now."""

    spent: frozenset[str] = frozenset()
    asked: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Visit:
    """Of one treatment: which steps its document means to go out, and how many texts of its budget are left."""

    going_out: frozenset[str]
    texts_left: int


class Base(NamedTuple):
    """What every share needs. `states` by treatment; `has_choices` says whether any of the patients chose something."""

    sender_name: str
    phone: str
    has_choices: bool
    states: Mapping[UUID, str]


def base_of(clinic_id: UUID, treatment_ids: Collection[UUID], patient_ids: Collection[UUID]) -> Base:
    """In one statement, and past the ORM: with many clinics in a batch, this is most of what a message costs."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.sender_name, c.phone, "
            "EXISTS (SELECT FROM prompts_messagechoice m WHERE m.patient_id = ANY(%s::uuid[])), t.id, t.state "
            "FROM accounts_clinic c LEFT JOIN timeline_treatment t ON t.id = ANY(%s::uuid[]) WHERE c.id = %s",
            [list(patient_ids), list(treatment_ids), clinic_id],
        )
        rows = cursor.fetchall()
    sender_name, phone, has_choices, *_ = rows[0]
    return Base(sender_name, phone, has_choices, {pk: state for *_, pk, state in rows if pk})


def channels_of(patient_ids: Collection[UUID]) -> dict[tuple[UUID, str], Channel]:
    """By patient and kind: the ways that are open. One query; none for nobody."""
    if not patient_ids:
        return {}
    channels = Channel.objects.filter(Channel.OPEN, patient_id__in=patient_ids)
    return {(channel.patient_id, channel.kind): channel for channel in channels if channel.patient_id}


def tries_of(prompts: Sequence[Claimed]) -> dict[int, Tries]:
    """By prompt, for those that were claimed before. One query; none where that is nobody's."""
    again = [prompt.id for prompt in prompts if prompt.tries > 1]
    spent: dict[int, set[str]] = defaultdict(set)
    asked: dict[int, Counter[str]] = defaultdict(Counter)
    if again:
        tried = Attempt.objects.filter(prompt_id__in=again).values_list("prompt_id", "channel", "outcome")
        for prompt_id, channel, outcome in tried:
            if outcome == Outcome.NOT_ACCEPTED:
                asked[prompt_id][channel] += 1
            else:
                spent[prompt_id].add(channel)
    return {prompt_id: Tries(frozenset(spent[prompt_id]), asked[prompt_id]) for prompt_id in again}


def visits_of(treatment_ids: Collection[UUID]) -> dict[UUID, Visit]:
    """By treatment. One query, and one more for each version that is read for the first time; none for none."""
    if not treatment_ids:
        return {}
    texts = Q(prompts__channel=ChannelKind.SMS) & ~Q(prompts__state__in=_NO_TEXT)
    rows = Treatment.objects.filter(pk__in=treatment_ids).select_related("protocol_version")
    return {
        row.pk: Visit(
            going_out=frozenset(template.key for template in row.document.prompts if template.by_text),
            texts_left=row.document.budget.texts - row.texts,
        )
        for row in rows.defer("protocol_version__content").annotate(texts=Count("prompts", filter=texts))
    }
