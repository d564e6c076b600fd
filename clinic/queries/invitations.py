"""The invitation of one patient to one visit, and the ways in which it can leave."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from accounts.models import Channel, Clinic, Patient, Token
from accounts.phones import show_phone
from accounts.services import LinkExpired, invitation_code, invitation_link, open_invitation
from accounts.states import ChannelKind
from accounts.tokens import show_code
from prompts.models import Prompt
from timeline.models import Treatment
from timeline.phases import clock_words

_SENT = {ChannelKind.SMS: "by text", ChannelKind.EMAIL: "by e-mail"}


@dataclass(frozen=True, slots=True)
class Way:
    """One way to send it: "sms" or "email", with the words of its button."""

    kind: str
    label: str
    channel: Channel


@dataclass(frozen=True, slots=True)
class InvitationPage:
    """The invitation that waits to be used; without `token` there is none. `sent` says that it left, and how."""

    treatment: Treatment
    visit: str
    token: Token | None = None
    link: str = ""
    code: str = ""
    until: str = ""
    sent: str = ""
    ways: tuple[Way, ...] = ()


def invitation_page(treatment: Treatment, *, clinic: Clinic, at: datetime) -> InvitationPage:
    """At most three queries. Times are on the clinic's clock."""
    zone, patient = ZoneInfo(clinic.zone), treatment.patient
    visit = clock_words(treatment.planned_for, zone=zone, today=at)
    token = open_invitation(patient, at=at)
    try:
        link, code = (invitation_link(token), invitation_code(token)) if token else ("", "")
    except LinkExpired:  # made with a key that is gone: a new one has to be made
        token, link, code = None, "", ""
    if token is None:
        return InvitationPage(treatment, visit)
    sent = _sent_words(token)
    return InvitationPage(
        treatment,
        visit,
        token=token,
        link=link,
        code=show_code(code),
        until=clock_words(token.expires_at, zone=zone, today=at),
        sent=sent,
        ways=() if sent else tuple(_ways(patient)),
    )


def _sent_words(token: Token) -> str:
    prompt = Prompt.objects.filter(token=token).first()
    if prompt is None:
        return ""
    return f"{'Sent' if prompt.sent_at else 'On its way'} {_SENT[ChannelKind(prompt.channel)]}"


def _ways(patient: Patient) -> Iterable[Way]:
    for channel in Channel.objects.filter(patient=patient, kind__in=_SENT).order_by("-kind"):
        if channel.may_send and channel.kind == ChannelKind.SMS:
            yield Way(channel.kind, f"Text it to {show_phone(channel.address)}", channel)
        elif channel.may_send:
            yield Way(channel.kind, f"E-mail it to {channel.address}", channel)
