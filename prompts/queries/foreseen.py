"""What a visit that is planned will bring: about how many messages, by which ways, and when none comes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from zoneinfo import ZoneInfo

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Subquery

from accounts.models import Channel, Consent, Patient
from accounts.states import ChannelKind, ConsentKind
from prompts.models import MessageChoice
from prompts.routes import ways_for
from prompts.schedule import PlannedPrompt, plan_prompts
from timeline.budget_words import count_words, quiet_line
from timeline.document import QuietHours
from timeline.models import Treatment

# One, and more than one.
_NOUNS = {
    ChannelKind.PUSH.value: ("a note on your phone", "notes on your phone"),
    ChannelKind.SMS.value: ("a text", "texts"),
    ChannelKind.EMAIL.value: ("an e-mail", "e-mails"),
}


def foreseen_line(treatment: Treatment, patient: Patient) -> str:
    """ "About six messages, two as texts. None from 9 pm to 8 am."; "" where none is planned.

    By the planner itself, with the planned time for hour 0; so it is about. One query.
    """
    quiet = QuietHours(patient.quiet_starts_at, patient.quiet_ends_at)
    kinds, first, is_fewer, agrees = _chosen(patient)
    if agrees is False:
        return ""
    planned = plan_prompts(
        [each for each in treatment.document.prompts if not (is_fewer and each.kind == "tip")],
        hour_zero=treatment.planned_for,
        zone=ZoneInfo(patient.zone),
        quiet_hours=quiet,
        budget=treatment.document.budget,
    )
    if not planned:
        return ""
    ways = _ways(planned, treatment, kinds=kinds, first=first)
    count = f"{count_words(len(planned)).lower()} message{'' if len(planned) == 1 else 's'}"
    return f"About {count}, {_ways_words(ways, of=len(planned))}. {quiet_line(quiet)}".rstrip()


def _chosen(patient: Patient) -> tuple[list[str], str, bool, bool | None]:
    """The ways that are open now, the one that comes first, whether tips are left out, and the last word about the app, None
    for none."""
    ways = Channel.objects.filter(Channel.OPEN, patient=OuterRef("pk")).values("kind")
    choice = MessageChoice.objects.filter(patient=OuterRef("pk"))
    said = Consent.objects.filter(patient=OuterRef("pk"), escort=None, kind=ConsentKind.APP).order_by("-pk")
    row = Patient.objects.filter(pk=patient.pk).values_list(
        ArraySubquery(ways),
        Subquery(choice.values("first_way")),
        Subquery(choice.values("is_fewer")),
        Subquery(said.values("given")[:1]),
    )
    kinds, first, is_fewer, agrees = row.get()
    return kinds, first or "", bool(is_fewer), agrees


def _ways(
    planned: Sequence[PlannedPrompt], treatment: Treatment, *, kinds: Collection[str], first: str
) -> Counter[str]:
    """How many go by which way."""
    meant = {each.key for each in treatment.document.prompts if each.by_text}
    return Counter(
        ways_for(kinds, first=first, goes_out=each.step in meant, has_text_left=each.by_text)[0] for each in planned
    )


def _ways_words(ways: Counter[str], *, of: int) -> str:
    """ "two as texts", "all as notes on your phone", "one as a text and three as e-mails", "all here in the app"."""
    out = [
        f"{'all' if ways[kind] == of else count_words(ways[kind]).lower()} as {one if ways[kind] == 1 else more}"
        for kind, (one, more) in _NOUNS.items()
        if ways[kind]
    ]
    return " and ".join(out) or "all here in the app"
