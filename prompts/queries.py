"""What a patient's messages page shows, and what the demo's phone would show on its lock screen."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parseaddr
from zoneinfo import ZoneInfo

import httpx
from django.conf import settings

from accounts.emails import same_email
from accounts.models import Channel, Clinic, Patient
from accounts.phones import show_phone
from accounts.states import ChannelKind
from aftercare.tenancy import tenant
from prompts.models import Prompt
from prompts.states import PromptState
from timeline.phases import clock_words

# Messages of the visit before last help nobody.
SHOWS = timedelta(days=7)
# A text that may have come, or was refused on its way, can be read here all the same.
_CAME = (PromptState.SENT, PromptState.UNKNOWN, PromptState.FAILED)
# So many messages fit on the demo's phone.
SHOWS_MESSAGES = 12


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
    assert row.treatment is not None
    template = next(p for p in row.treatment.document.prompts if p.key == row.step)
    return Message(
        icon=template.icon,
        title=template.title,
        text=template.text,
        when=clock_words(moment, zone=zone, today=at),
        way=_WAYS.get(row.channel, "") if row.state in {PromptState.SENT, PromptState.WAITING} else "",
    )


def _budget_line(to_come: list[Message]) -> str:
    if not to_come:
        return "No more messages are planned."
    if len(to_come) == 1:
        return f"One more will come, at about {to_come[0].when}."
    return f"{len(to_come)} more will come. The last comes at about {to_come[-1].when}."


@dataclass(frozen=True, slots=True)
class Arrived:
    """One message on the demo's phone: whose phone it is, who sent it, when it came and what it says.

    An e-mail has a subject and all its `lines` too, for whoever opens it; a text has neither. A call's text is what it says.
    """

    to: str
    sender: str
    when: str
    subject: str
    text: str
    lines: tuple[str, ...]
    is_call: bool


@dataclass(frozen=True, slots=True)
class LockScreen:
    """The demo's phone: messages as they arrive on a lock screen, newest first; why there are none, if so."""

    messages: tuple[Arrived, ...] = ()
    trouble: str = ""
    mark: str = ""


def lock_screen(at: datetime) -> LockScreen:
    """Asks the stand-in of the providers what it took. Never raises for what a network may do."""
    try:
        response = httpx.get(f"{settings.SMS_BASE_URL}/messages.json?last={SHOWS_MESSAGES}", timeout=2)
        newest = list(reversed(response.raise_for_status().json()))
        names = _names() if newest else {}
        messages = tuple(_arrived(item, names=names, at=at) for item in newest)
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, LookupError, TypeError):
        return LockScreen(trouble="The demo’s message service does not answer.", mark="away")
    return LockScreen(messages=messages, mark=hashlib.sha256(repr(messages).encode()).hexdigest()[:12])


def _names() -> dict[str, str]:
    """Number or address: whose it is, at the demo's clinics."""
    names: dict[str, str] = {}
    for clinic_id in Clinic.objects.filter(is_demo=True).values_list("pk", flat=True):
        with tenant(clinic_id):
            channels = Channel.objects.filter(patient__isnull=False).exclude(address="").select_related("patient")
            names |= {same_email(channel.address): str(channel.patient) for channel in channels}
    return names


def _arrived(item: dict[str, str], *, names: dict[str, str], at: datetime) -> Arrived:
    sender_name, address = parseaddr(item.get("from", ""))
    lines = tuple(line for line in item["body"].splitlines() if line) if "subject" in item else ()
    return Arrived(
        to=names.get(same_email(item["to"]), show_phone(item["to"])),
        sender=sender_name or address or show_phone(settings.SMS_FROM),
        when=_ago(at - datetime.fromtimestamp(float(item["at"]), UTC)),
        subject=item.get("subject", ""),
        text=lines[0] if lines else item["body"],
        lines=lines,
        is_call=item.get("kind") == "voice",
    )


def _ago(passed: timedelta) -> str:
    minutes = int(passed.total_seconds() // 60)
    if minutes < 1:
        return "now"
    return f"{minutes} min ago" if minutes < 60 else f"{minutes // 60} h ago"
