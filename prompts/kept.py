"""What a patient's copy tells of messages: what was to leave, by which way, when, and what became of it."""

from __future__ import annotations

from datetime import datetime

from accounts.copies import Section
from accounts.models import Patient
from accounts.states import ChannelKind
from prompts.models import Prompt, Reply
from prompts.states import PromptState, ReplyKind

_FATES = {
    PromptState.WAITING: "Still to come",
    PromptState.SENT: "Sent",
    PromptState.CANCELLED: "Not needed any more",
    PromptState.FAILED: "Could not be sent",
    PromptState.SKIPPED: "Its time was over",
    PromptState.UNKNOWN: "It may have come",
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
    """Two queries (one more for each protocol version that is read for the first time)."""
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
    return [
        Section("messages", "Messages", "What we sent you, or were going to send.", told, order=50),
        Section("texts_back", "Texts to us", "What you texted back.", _texts_back(patient), order=51),
    ]


def _texts_back(patient: Patient) -> list[dict[str, object]]:
    """Their own: what an escort told the clinic was told to the clinic alone."""
    rows = Reply.objects.filter(patient=patient, escort=None).order_by("at", "pk")
    return [{"When": row.at, "What": row.words or _SAID.get(row.kind, "No words")} for row in rows]


_SAID = {ReplyKind.STOP.value: "STOP", ReplyKind.START.value: "START"}


def _title(row: Prompt) -> str:
    if row.treatment is None:
        return _ASKED.get(row.kind, "A note")
    titles: dict[str, str] = {prompt.key: prompt.title for prompt in row.treatment.document.prompts}
    return titles.get(row.step, row.step.replace("_", " ").replace("-", " "))
