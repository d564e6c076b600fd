"""What became of the messages of one of the demo's people: a number that takes no texts, and words that came back."""

from __future__ import annotations

from datetime import datetime, timedelta

from accounts.models import Channel
from accounts.states import ChannelKind
from clinic.demo.fates import Fates, tell_of_fates
from prompts.models import Attempt, Reply
from prompts.states import Outcome, PromptState, ReplyKind, Report
from timeline.models import Treatment

_SMS, _EMAIL, _LANDLINE = ChannelKind.SMS.value, ChannelKind.EMAIL.value, "30006"
_FATES: Fates = {
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
    for each in tell_of_fates(visit, _FATES):
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
