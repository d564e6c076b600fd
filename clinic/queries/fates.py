"""What became of one message and of each try, as pages of the staff say it."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import Prefetch, Q, QuerySet

from accounts.states import ChannelKind
from prompts.fates import Fate, Try, fate
from prompts.models import Attempt, Prompt
from prompts.states import PromptState
from timeline.models import Treatment
from timeline.phases import clock_words

# What was asked for, by the kind of its prompt.
ASKED_FOR = {
    "code": "Code",
    "invitation": "Invitation",
    "notice": "Note to the number before",
    "nudge": "A check-in that waits",
    "test": "Test",
    "set_up": "A reminder before the visit",
    "escort": "A text to look at their list",
}
# Before a visit has a plan, what is sent for it.
_BEFORE = ("invitation", "set_up")
_NOUNS = {ChannelKind.SMS.value: "text", ChannelKind.EMAIL.value: "e-mail", ChannelKind.PUSH.value: "notice"}


def with_tries(prompts: QuerySet[Prompt]) -> QuerySet[Prompt]:
    """Each with its tries, in order: what `tries_of` reads. One query more, made anew each time: a prefetch keeps hold of
    the first row that it was made for."""
    return prompts.prefetch_related(Prefetch("attempts", Attempt.objects.order_by("number")))


def tries_of(prompt: Prompt, *, zone: ZoneInfo, at: datetime) -> list[Try]:
    """Of a prompt that was read `with_tries`. No query."""
    return [
        Try(
            way=attempt.channel,
            at=clock_words(attempt.began_at, zone=zone, today=at),
            outcome=attempt.outcome,
            code=attempt.code,
            report=attempt.report,
            report_code=attempt.report_code,
        )
        for attempt in prompt.attempts.all()
    ]


def fate_of(prompt: Prompt, *, zone: ZoneInfo, at: datetime) -> Fate:
    """Likewise, on the clock of `zone`."""
    return fate(
        state=PromptState(prompt.state),
        reason=prompt.reason,
        way=prompt.channel,
        due=clock_words(prompt.due_at, zone=zone, today=at),
        sent=clock_words(prompt.sent_at, zone=zone, today=at) if prompt.sent_at else "",
        tries=tries_of(prompt, zone=zone, at=at),
    )


def on_its_way_line(treatment: Treatment) -> str:
    """ "1 text is on its way and can't be called back."; "" where nothing of this visit is. One query."""
    of_visit = Q(treatment=treatment) | Q(patient=treatment.patient_id, treatment=None, kind__in=_BEFORE)
    leaving = Prompt.objects.filter(of_visit, state=PromptState.WAITING, begun_at__isnull=False)
    counts = Counter(leaving.values_list("channel", flat=True))
    words = [f"{counts[way]} {noun}{'' if counts[way] == 1 else 's'}" for way, noun in _NOUNS.items() if counts[way]]
    if not words:
        return ""
    are = "is on its way" if counts.total() == 1 else "are on their way"
    return f"{' and '.join(words)} {are} and can't be called back."
