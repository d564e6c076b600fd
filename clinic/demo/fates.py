"""What became of the messages of somebody whom a newcomer can be, so that their page shows more than those that came."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db.models import F

from accounts.states import ChannelKind
from prompts.models import Attempt, Prompt
from prompts.states import Outcome, PromptState, Reason, Report
from timeline.models import Treatment

_SMS, _EMAIL = ChannelKind.SMS.value, ChannelKind.EMAIL.value
_TAKES = timedelta(seconds=2)
# In the order in which they were due: how the row ended, and its tries.
_FATES: tuple[tuple[Mapping[str, Any], tuple[Mapping[str, Any], ...]], ...] = (
    (
        {"state": PromptState.SENT, "channel": _SMS},
        ({"channel": _SMS, "outcome": Outcome.ACCEPTED, "provider_id": "SMdemo1", "report": Report.DELIVERED},),
    ),
    (
        {"state": PromptState.SENT, "channel": _EMAIL},
        (
            {"channel": _SMS, "outcome": Outcome.REFUSED, "code": "21614"},  # no number that takes texts
            {"channel": _EMAIL, "outcome": Outcome.ACCEPTED},
        ),
    ),
    (
        {"state": PromptState.UNKNOWN, "channel": _SMS, "sent_at": None, "reason": "no clear answer"},
        ({"channel": _SMS, "outcome": Outcome.AMBIGUOUS, "code": "ReadTimeout"},),
    ),
    ({"state": PromptState.CANCELLED, "sent_at": None, "reason": Reason.FEWER}, ()),
)


def tell_of_fates(visit: Treatment) -> None:
    """Its first messages ended in as many ways as there are; the last are still to come."""
    rows = list(Prompt.objects.filter(treatment=visit, state=PromptState.SENT).order_by("due_at"))
    tries: list[Attempt] = []
    for row, (values, tried) in zip(rows, _FATES, strict=False):
        Prompt.objects.filter(pk=row.pk).update(ended_at=F("due_at"), tries=len(tried), **values)
        tries += [try_of(row, number, told) for number, told in enumerate(tried, start=1)]
    Attempt.objects.bulk_create(tries)


def try_of(row: Prompt, number: int, told: Mapping[str, Any]) -> Attempt:
    """One try, not saved: they follow each other by seconds, from when the message was due."""
    began_at = row.due_at + _TAKES * number
    ended_at = began_at + _TAKES
    return Attempt(
        clinic_id=row.clinic_id,
        prompt=row,
        number=number,
        began_at=began_at,
        ended_at=ended_at,
        reported_at=ended_at if "report" in told else None,
        **told,
    )
