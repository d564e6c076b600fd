"""What became of the messages of one of the demo's people: a number that takes no texts, and words that came back."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from accounts.models import Channel
from accounts.states import ChannelKind
from prompts.models import Attempt, Prompt, Reply
from prompts.services.rows import hold
from prompts.states import Outcome, PromptState, ReplyKind, Report
from timeline.models import Treatment

_LANDLINE = "30006"
# The mail server wants quiet. Not for long: newcomers ask for e-mails too.
_BUSY, _QUIET = "421", timedelta(minutes=2)
# Of the first messages of the day: how each ended, and what its tries brought.
_FATES: tuple[tuple[PromptState, str, tuple[dict[str, Any], ...]], ...] = (
    (PromptState.SENT, ChannelKind.SMS, ({"outcome": Outcome.ACCEPTED, "report": Report.DELIVERED},)),
    (PromptState.UNKNOWN, ChannelKind.SMS, ({"outcome": Outcome.AMBIGUOUS, "code": "ReadTimeout"},)),
    (
        *(PromptState.SENT, ChannelKind.SMS),
        (
            {"outcome": Outcome.NOT_ACCEPTED, "code": "429"},
            {"outcome": Outcome.ACCEPTED, "report": Report.UNDELIVERED, "report_code": _LANDLINE},
        ),
    ),
    (PromptState.SENT, ChannelKind.EMAIL, ({"outcome": Outcome.ACCEPTED},)),
    (PromptState.SENT, ChannelKind.EMAIL, ({"outcome": Outcome.ACCEPTED},)),
)
_FAILED = 2  # the one after which texts were given up


def tell_of_messages(visit: Treatment, *, at: datetime) -> None:
    """As if the first messages of this visit had left by a provider, and the patient had texted back."""
    went = list(Prompt.objects.filter(treatment=visit, state=PromptState.SENT).order_by("due_at"))
    for prompt, (state, way, tries) in zip(went, _FATES, strict=False):
        Prompt.objects.filter(pk=prompt.pk).update(state=state, channel=way, tries=len(tries))
        for number, facts in enumerate(tries, start=1):
            moment = prompt.due_at + timedelta(seconds=5 * number)
            shared = {"clinic_id": visit.clinic_id, "prompt": prompt, "channel": way, "began_at": moment}
            Attempt.objects.create(number=number, ended_at=moment, **shared, **facts)
    texts = Channel.objects.filter(patient=visit.patient, kind=ChannelKind.SMS, stopped_at=None)
    failed_at = went[_FAILED].due_at if len(went) > _FAILED else at - timedelta(hours=1)
    texts.update(failed_at=failed_at, failed_code=_LANDLINE)
    still_to_come = Prompt.objects.filter(treatment=visit, state=PromptState.WAITING, channel=ChannelKind.SMS)
    still_to_come.update(channel=ChannelKind.EMAIL)
    hold(ChannelKind.EMAIL, lasts=_QUIET, code=_BUSY)
    Reply.objects.create(
        clinic_id=visit.clinic_id,
        patient=visit.patient,
        kind=ReplyKind.OTHER,
        words="Slept well. Is coffee ok again?",
        at=at - timedelta(minutes=55),
    )
