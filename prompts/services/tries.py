"""What few prompts of a share hang on: what was tried for them before, and the budget of their visits."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import Count, Q

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
