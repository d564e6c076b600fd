"""What a patient's messages page shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from accounts.models import Channel, Patient
from accounts.states import ChannelKind
from prompts.models import Prompt
from prompts.states import PromptState
from timeline.phases import clock_words

# Messages of the visit before last help nobody.
SHOWS = timedelta(days=7)
# A text that may have come, or was refused on its way, can be read here all the same.
_CAME = (PromptState.SENT, PromptState.UNKNOWN, PromptState.FAILED)


@dataclass(frozen=True, slots=True)
class Message:
    """One message as the patient reads it."""

    icon: str
    title: str
    text: str
    when: str
    way: str  # "as a text", "as an e-mail", or "" in the app


@dataclass(frozen=True, slots=True)
class MessagesPage:
    """What came, newest first; what is still to come; and the switches for texts and for e-mails."""

    arrived: tuple[Message, ...]
    to_come: tuple[Message, ...]
    texts: str  # "on", "off", or "" without a number
    emails: str  # likewise, without an address
    budget_line: str


def messages_page(patient: Patient, at: datetime) -> MessagesPage:
    """Two queries, however many messages (one more when a protocol version is read for the first time)."""
    zone = ZoneInfo(patient.zone)
    rows = list(
        Prompt.objects.filter(
            patient=patient, token=None, due_at__gt=at - SHOWS, state__in=(*_CAME, PromptState.WAITING)
        )
        .select_related("treatment__protocol_version")
        .defer("treatment__protocol_version__content")
        .order_by("due_at")
    )
    switches = {
        channel.kind: "on" if channel.may_send else "off" for channel in Channel.objects.filter(patient=patient)
    }
    arrived = [_message(row, row.sent_at or row.due_at, zone, at) for row in rows if row.state in _CAME]
    waiting = [row for row in rows if row.state == PromptState.WAITING and row.window_ends_at > at]
    to_come = [_message(row, row.due_at, zone, at) for row in waiting]
    return MessagesPage(
        arrived=tuple(reversed(arrived)),
        to_come=tuple(to_come),
        texts=switches.get(ChannelKind.SMS, ""),
        emails=switches.get(ChannelKind.EMAIL, ""),
        budget_line=_budget_line(to_come),
    )


_WAYS = {ChannelKind.SMS.value: "as a text", ChannelKind.EMAIL.value: "as an e-mail"}


def _message(row: Prompt, moment: datetime, zone: ZoneInfo, at: datetime) -> Message:
    icon, title, text = _shown(row)
    return Message(
        icon=icon,
        title=title,
        text=text,
        when=clock_words(moment, zone=zone, today=at),
        way=_WAYS.get(row.channel, "") if row.state in {PromptState.SENT, PromptState.WAITING} else "",
    )


def _shown(row: Prompt) -> tuple[str, str, str]:
    """Icon, title and text: as the document has them, or of the reminder that the patient asked for."""
    if row.treatment is None:
        return "pencil", "Your log", "You asked us to remind you."
    template = next(p for p in row.treatment.document.prompts if p.key == row.step)
    return template.icon, template.title, template.text


def _budget_line(to_come: list[Message]) -> str:
    if not to_come:
        return "No more messages are planned."
    if len(to_come) == 1:
        return f"One more will come, at about {to_come[0].when}."
    return f"{len(to_come)} more will come. The last comes at about {to_come[-1].when}."
