"""What the provider brings to us: texts that somebody sent, and reports of what became of ours."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.conf import settings

from prompts.channels.sending import LONGEST_CODE, LONGEST_ID, plain
from prompts.channels.sms import is_signed
from prompts.channels.twiml import answered
from prompts.replies import read_reply
from prompts.services.arrived import PICTURE, take_stop, take_words
from prompts.services.heard import note_heard, was_heard
from prompts.services.receipts import Told, take_receipt
from prompts.signals import delivery_reported, text_arrived
from prompts.states import ReplyKind, Report

# Characters: the longest text that the provider takes; and far more than any number or key has.
_LONGEST_TEXT, _LONGEST_NAME = 1600, 64
# Its words that are not ours, and ours. Any other, "queued" or "ringing", says that it is on its way still.
_REPORTS = {"read": Report.DELIVERED, "in-progress": Report.ANSWERED, "canceled": Report.FAILED} | {
    report.value: report for report in Report
}


def is_from_provider(url: str, form: Mapping[str, str], *, signed: str) -> bool:
    """Whether a request to our address was signed by the text provider with the account's secret."""
    return is_signed(url, form, secret=settings.SMS_AUTH_TOKEN, signed=signed)


def take_text(form: Mapping[str, str], *, at: datetime) -> str:
    """A text that somebody sent us; returns the markup of the answer. STOP comes first, and nobody else hears of it.

    Any other is heard once: a START that is brought again after a STOP starts nothing. A STOP is obeyed each time. What went
    wrong was not heard, and may be brought again.
    """
    number, body = plain(form.get("From", ""), _LONGEST_NAME), plain(form.get("Body", ""), _LONGEST_TEXT)
    if not number:
        return answered("")
    if read_reply(body) == ReplyKind.STOP:
        return answered(take_stop(number, body, at=at))
    provider_id = plain(_first(form, "MessageSid", "SmsSid"), LONGEST_ID)
    if was_heard(provider_id):
        return answered("")
    heard: list[object] = [
        words for _, words in text_arrived.send_robust(sender=None, from_number=number, body=body, at=at)
    ]
    said = [words for words in heard if isinstance(words, str) and words]
    answer = said[0] if said else take_words(number, _with_pictures(body, form), at=at)
    if not any(isinstance(words, Exception) for words in heard):
        note_heard(provider_id, at=at)
    return answered(answer)


def take_report(form: Mapping[str, str], *, key: str, at: datetime) -> None:
    """What became of a text or a call of ours. A word that says nothing new of it is dropped. Of a prompt's try we know by
    its key; the others hear of all else."""
    status = _REPORTS.get(_first(form, "MessageStatus", "SmsStatus", "CallStatus"))
    provider_id = plain(_first(form, "MessageSid", "SmsSid", "CallSid"), LONGEST_ID)
    key = plain(key, _LONGEST_NAME)
    if not status or not (key or provider_id):
        return
    to, code = plain(form.get("To", ""), _LONGEST_NAME), plain(form.get("ErrorCode", ""), LONGEST_CODE)
    if not take_receipt(key, Told(status, provider_id=provider_id, to=to, code=code), at=at):
        delivery_reported.send_robust(sender=None, key=key, provider_id=provider_id, status=status, at=at)


def _with_pictures(body: str, form: Mapping[str, str]) -> str:
    """A picture says nothing to us, but that it came: we never fetch one."""
    has_some = form.get("NumMedia", "").strip("0").isdecimal()
    return " ".join(filter(None, (body, PICTURE if has_some else "")))


def _first(form: Mapping[str, str], *names: str) -> str:
    return next((form[name] for name in names if form.get(name)), "")
