"""What a patient's copy tells of messages: what was to leave and what became of it, what they chose, which phones take
notes, and what was texted back."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlsplit

from accounts.copies import Section
from accounts.models import Patient
from accounts.states import ChannelKind
from prompts.models import MessageChoice, Prompt, PushSubscription, Reply
from prompts.states import PromptState, ReplyKind

_FATES = {
    PromptState.WAITING: "Still to come",
    PromptState.SENT: "Sent",
    PromptState.CANCELLED: "Not needed any more",
    PromptState.FAILED: "Could not be sent",
    PromptState.SKIPPED: "Its time was over",
    PromptState.UNKNOWN: "It may have come",
}
_REPLIES = {
    ReplyKind.STOP: "Stop",
    ReplyKind.START: "Start again",
    ReplyKind.HELP: "Help",
    ReplyKind.OTHER: "In words",
}
# What was asked for has a kind and no title.
_ASKED = {
    "code": "A code",
    "invitation": "An invitation",
    "notice": "A note to the number before",
    "nudge": "A second note, as no answer came",
    "test": "A test",
    "set_up": "A reminder before a visit",
    "escort": "A text to a helper",
    "log": "A reminder of your log",
}


def sections(patient: Patient, at: datetime) -> list[Section]:
    """Four queries (one more for each protocol version that is read for the first time)."""
    return [_messages(patient), _choices(patient), _noted(patient), _replies(patient)]


def _messages(patient: Patient) -> Section:
    rows = (
        Prompt.objects.filter(patient=patient)
        .select_related("treatment__protocol_version")
        .defer("treatment__protocol_version__content")
        .order_by("due_at", "pk")
    )
    told = [
        {
            "For": row.due_at,
            "What": _title(row),
            "Way": ChannelKind(row.channel).label,
            "To": row.address or None,
            "What became of it": _FATES[PromptState(row.state)],
            "Sent": row.sent_at,
        }
        for row in rows
    ]
    return Section("messages", "Messages", "What we sent you, or were going to send.", told, order=50)


def _choices(patient: Patient) -> Section:
    rows = [
        {
            "Comes first": ChannelKind(choice.first_way).label if choice.first_way else None,
            "Name in messages": choice.alias or None,
            "Fewer": choice.is_fewer,
            "Paused until": choice.paused_until,
            "All stopped": choice.stopped_at,
        }
        for choice in MessageChoice.objects.filter(patient=patient)
    ]
    return Section("message_choices", "What you chose for messages", "How you want them to come.", rows, order=51)


def _noted(patient: Patient) -> Section:
    rows = [
        {"Since": row.made_at, "Brought by": urlsplit(row.endpoint).hostname, "Until": row.gone_at}
        for row in PushSubscription.objects.filter(patient=patient).order_by("made_at", "pk")
    ]
    about = "Each phone that shows notes from us, and who brings them there. They can't read them."
    return Section("phones_with_notes", "Phones that show notes", about, rows, order=52)


def _replies(patient: Patient) -> Section:
    """Their own. What an escort told the clinic, and that they did, was told to the clinic alone."""
    rows = [
        {"When": row.at, "What": _REPLIES[ReplyKind(row.kind)], "Words": row.words or None}
        for row in Reply.objects.filter(patient=patient, escort=None).order_by("at", "pk")
    ]
    return Section("replies", "Texts to us", "What came back by text.", rows, order=53)


def _title(row: Prompt) -> str:
    if row.treatment is None:
        return _ASKED.get(row.kind, "A note")
    titles: dict[str, str] = {prompt.key: prompt.title for prompt in row.treatment.document.prompts}
    return titles.get(row.step, row.step.replace("_", " ").replace("-", " "))
