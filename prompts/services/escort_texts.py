"""Texts to an escort: few, by day, and only to somebody who said yes to them."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings

from accounts.models import Channel, Escort, Token
from accounts.services import LinkExpired, pickup_link
from accounts.states import ChannelKind, TokenKind
from accounts.tokens import hash_secret
from prompts.guests import is_guest
from prompts.models import Prompt
from prompts.services.asked import ESCORT, send_asked_for
from prompts.states import PromptState
from timeline.models import Treatment
from timeline.phases import is_late

# What an escort agreed to: at most so many for one visit.
MOST = 3
# Later it asks for something that is over; and it never waits into the night.
WAITS = timedelta(minutes=20)


def text_escort(treatment: Treatment, escort: Escort, *, at: datetime) -> bool:
    """Asks the escort to look at their list. Inside the caller's transaction; returns whether a text is on its way.

    The visit is held, so that of two who text at the same time the second counts what the first has sent.
    """
    Treatment.objects.select_for_update(no_key=True).get(pk=treatment.pk)
    channel = escort_channel(escort.pk)
    if channel is None or not can_text_escort(treatment, escort, at=at):
        return False
    token = Token.objects.create(
        kind=TokenKind.ESCORT_NOTE,
        hash=hash_secret(secrets.token_urlsafe(16)),
        clinic_id=escort.clinic_id,
        subject=escort.pk,
        expires_at=at + WAITS,
    )
    visit = str(treatment.pk)  # by which the texts of one visit are counted
    send_asked_for(
        treatment.patient, token=token, kind="escort", channel=channel, at=at, to=channel.address, step=visit
    )
    return True


def can_text_escort(treatment: Treatment, escort: Escort, *, at: datetime) -> bool:
    """Whether a text may leave now: never at night, after STOP or without their yes, without a provider or a link that
    opens, or once they had MOST for this visit."""
    zone, channel = ZoneInfo(treatment.zone), escort_channel(escort.pk)
    if is_late(at, zone) or is_late(at + WAITS, zone) or channel is None or _had(treatment, channel) >= MOST:
        return False
    return _can_leave(channel) and bool(escort_link(escort.pk, at=at))


def _had(treatment: Treatment, channel: Channel) -> int:
    """How many texts of this visit went to this number, or will: whoever drives and stays, or is named anew, has one."""
    sent = Prompt.objects.filter(patient_id=treatment.patient_id, kind=ESCORT, step=str(treatment.pk))
    return sent.filter(address=channel.address).exclude(state=PromptState.CANCELLED).count()


def _can_leave(channel: Channel) -> bool:
    """Whether there is a provider, and the guest list has nothing against this number."""
    is_held = not is_guest(channel.address, guests=tuple(settings.SEND_ONLY_TO), country=settings.DEFAULT_COUNTRY)
    return bool(settings.SMS_BASE_URL) and not is_held


def escort_channel(escort_id: UUID) -> Channel | None:
    """Their number, where they want texts."""
    return escort_channels({escort_id}).get(escort_id)


def escort_channels(escort_ids: Collection[UUID]) -> dict[UUID, Channel]:
    """By escort, with the escort: the numbers of those who want texts. One query; none for nobody."""
    if not escort_ids:
        return {}
    channels = Channel.objects.filter(Channel.OPEN, escort_id__in=escort_ids, kind=ChannelKind.SMS)
    return {channel.escort_id: channel for channel in channels.select_related("escort") if channel.escort_id}


def escort_link(escort_id: UUID, *, at: datetime) -> str:
    """The address of their list, tonight's before that of a later visit; "" when no link of theirs opens it."""
    return escort_links({escort_id}, at=at).get(escort_id, "")


def escort_links(escort_ids: Collection[UUID], *, at: datetime) -> dict[UUID, str]:
    """By escort: the same addresses. One query; none for nobody."""
    if not escort_ids:
        return {}
    tokens = Token.objects.filter(
        kind=TokenKind.PICKUP, subject__in=escort_ids, used_at=None, revoked_at=None, expires_at__gt=at
    )
    # The last of a key stays: what ends first, and of those the newest.
    newest = {token.subject: token for token in tokens.order_by("-expires_at", "pk")}
    return {escort_id: _address(token) for escort_id, token in newest.items()}


def _address(token: Token) -> str:
    try:
        return pickup_link(token)
    except LinkExpired:
        return ""
