"""What became of the messages of somebody whom a newcomer can be, so that their page shows more than those that came."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from accounts.states import ChannelKind
from prompts.models import Attempt, Prompt
from prompts.states import Outcome, PromptState, Report
from timeline.models import Treatment

_SMS = ChannelKind.SMS.value
_TAKES = timedelta(seconds=2)
# By step: how the row ended, and what its tries brought. Steps that the document does not send are read in the app.
Fates = Mapping[str, tuple[Mapping[str, Any], tuple[Mapping[str, Any], ...]]]
_FATES: Fates = {
    "check_1": (
        {"state": PromptState.SENT, "channel": _SMS},
        (
            {"channel": _SMS, "outcome": Outcome.NOT_ACCEPTED, "code": "503"},  # the provider was too busy
            {"channel": _SMS, "outcome": Outcome.ACCEPTED, "provider_id": "SMdemo1", "report": Report.DELIVERED},
        ),
    ),
    "morning": (
        {"state": PromptState.UNKNOWN, "channel": _SMS, "sent_at": None, "reason": "no clear answer"},
        ({"channel": _SMS, "outcome": Outcome.AMBIGUOUS, "code": "ReadTimeout"},),
    ),
}


def tell_of_fates(visit: Treatment, fates: Fates = _FATES) -> list[Attempt]:
    """As if what goes out of this visit had left by a provider. Returns each try, in order; the last messages are still to
    come."""
    made: list[Attempt] = []
    for row in Prompt.objects.filter(treatment=visit, state=PromptState.SENT, step__in=fates).order_by("due_at"):
        values, told = fates[row.step]
        tries = [_try_of(row, number, facts) for number, facts in enumerate(told, start=1)]
        sent = {"sent_at": tries[-1].began_at} if values["state"] == PromptState.SENT else {}
        Prompt.objects.filter(pk=row.pk).update(ended_at=tries[-1].ended_at, tries=len(tries), **values, **sent)
        made += Attempt.objects.bulk_create(tries)
    return made


def _try_of(row: Prompt, number: int, told: Mapping[str, Any]) -> Attempt:
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
