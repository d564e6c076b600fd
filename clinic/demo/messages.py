"""What became of the messages of one of the demo's people: a number that takes no texts, and words that came back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from accounts.models import Channel
from accounts.states import ChannelKind
from clinic.demo.fates import try_of
from prompts.models import Attempt, Prompt, Reply
from prompts.states import Outcome, PromptState, ReplyKind, Report
from timeline.models import Treatment

_SMS, _EMAIL, _LANDLINE = ChannelKind.SMS.value, ChannelKind.EMAIL.value, "30006"
# Of those that go out, by step: how each ended, and what its tries brought. All others are read in the app.
_FATES: Mapping[str, tuple[Mapping[str, Any], tuple[Mapping[str, Any], ...]]] = {
    "check_1": (
        {"state": PromptState.UNKNOWN, "channel": _SMS, "sent_at": None, "reason": "no clear answer"},
        ({"channel": _SMS, "outcome": Outcome.AMBIGUOUS, "code": "ReadTimeout"},),
    ),
    "morning": (
        {"state": PromptState.SENT, "channel": _EMAIL},
        (
            {"channel": _SMS, "outcome": Outcome.NOT_ACCEPTED, "code": "429"},
            {
                "channel": _SMS,
                "outcome": Outcome.ACCEPTED,
                "provider_id": "SMdemo2",
                "report": Report.UNDELIVERED,
                "report_code": _LANDLINE,
            },
            {"channel": _EMAIL, "outcome": Outcome.ACCEPTED},
        ),
    ),
}


def tell_of_messages(visit: Treatment, *, at: datetime) -> None:
    """As if what goes out of this visit had left by a provider, and the patient had texted back."""
    for prompt in Prompt.objects.filter(treatment=visit, state=PromptState.SENT, step__in=_FATES):
        values, told = _FATES[prompt.step]
        tries = [try_of(prompt, number, facts) for number, facts in enumerate(told, start=1)]
        sent = {"sent_at": tries[-1].began_at} if values["state"] == PromptState.SENT else {}
        Prompt.objects.filter(pk=prompt.pk).update(ended_at=tries[-1].ended_at, tries=len(tries), **values, **sent)
        for each in Attempt.objects.bulk_create(tries):
            _end_texts(visit, each)
    Reply.objects.create(
        clinic_id=visit.clinic_id,
        patient=visit.patient,
        kind=ReplyKind.OTHER,
        words="Slept well. Is coffee ok again?",
        at=at - timedelta(minutes=55),
    )


def _end_texts(visit: Treatment, tried: Attempt) -> None:
    """A number that takes no texts is given up from the try that said so."""
    if tried.report_code == _LANDLINE:
        texts = Channel.objects.filter(patient=visit.patient, kind=_SMS, stopped_at=None)
        texts.update(failed_at=tried.began_at, failed_code=_LANDLINE)
