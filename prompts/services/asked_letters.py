"""What somebody asked for, decided at the moment when it leaves: only then does it have words, with a code or a link."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.urls import reverse

from accounts.models import Token
from accounts.services import LinkExpired
from accounts.services.invitations import invitation_link
from accounts.services.way_back import way_back_code
from prompts.services.asked import CODE, ESCORT, NOTICE, SET_UP, TEST, leaves_at
from prompts.services.known import OpenWay
from prompts.services.rows import Claimed, Ending, Letter
from prompts.services.shares import (
    NO_WAY,
    Share,
    by_ways,
    is_paused,
    letter_to,
    others,
    own_way,
    signed_by,
)
from prompts.states import PromptState, Reason
from prompts.taps import NUDGE
from prompts.words import (
    Message,
    all_is_well_message,
    code_message,
    escort_message,
    invitation_message,
    notice_message,
    planned_message,
    set_up_message,
)

_OVER = "used, withdrawn or over"


def asked_for(prompt: Claimed, share: Share) -> Letter | Ending:
    """It is never shown in the app: whoever has the app open needs neither a code nor an invitation."""
    token, way = share.more.tokens.get(prompt.token_id or 0), own_way(prompt, share)
    if token is None or token.used_at or token.revoked_at or token.expires_at <= share.at:
        return Ending(prompt, PromptState.CANCELLED, _OVER)
    if is_paused(prompt, share):
        return Ending(prompt, PromptState.CANCELLED, Reason.PAUSED)
    if again_at := _waits_until(prompt, share):
        return Ending(prompt, PromptState.WAITING, again_at=again_at)
    if prompt.kind == NOTICE:
        return _notice(prompt, way, share)
    if prompt.kind == ESCORT:
        return _escort_note(prompt, token, share)
    return _to_patient(prompt, token, way, share)


def _waits_until(prompt: Claimed, share: Share) -> datetime | None:
    """Where a busy provider, or whatever held it up, has brought it into the night: the end of that, or of its window."""
    if (clock := share.more.clocks.get(prompt.patient_id)) is None:
        return None
    again_at = leaves_at(prompt.kind, asked_at=prompt.due_at, at=share.at, clock=clock)
    return min(again_at, prompt.window_ends_at) if again_at > share.at else None


def _to_patient(prompt: Claimed, token: Token, way: OpenWay | None, share: Share) -> Letter | Ending:
    def write(stop_link: str) -> Message:
        return _asked_message(prompt, token, share=share, stop_link=stop_link)

    try:
        return by_ways(prompt, way, others_asked(prompt, share), share, write=write)
    except LinkExpired:
        return Ending(prompt, PromptState.CANCELLED, _OVER)


def others_asked(prompt: Claimed, share: Share) -> tuple[str, ...]:
    """A reminder of the set-up goes on by the next way out. Anything else was asked for by one way, which it names."""
    return others(prompt, share) if prompt.kind == SET_UP else ()


def _notice(prompt: Claimed, way: OpenWay | None, share: Share) -> Letter | Ending:
    """To the number before, which no channel has any more; unless it was put back meanwhile."""
    if prompt.channel not in share.takers:
        return Ending(prompt, PromptState.CANCELLED, NO_WAY)
    if way and way.address == prompt.address:
        return Ending(prompt, PromptState.CANCELLED, "their number once more")
    return letter_to(prompt, prompt.address, notice_message(phone=share.phone, sender_name=share.sender_name), share)


def _escort_note(prompt: Claimed, token: Token, share: Share) -> Letter | Ending:
    """To an escort, with the link of theirs that opens something now."""
    channel = share.more.escorts.get(token.subject) if prompt.channel in share.takers else None
    if channel is None:
        return Ending(prompt, PromptState.CANCELLED, NO_WAY)
    link = share.more.escort_links.get(token.subject, "")
    if not link:
        return Ending(prompt, PromptState.CANCELLED, _OVER)
    language = channel.escort.language if channel.escort else ""
    message = escort_message(link=link, sender_name=share.sender_name, language=language)
    return letter_to(prompt, channel.address, message, share)


def _asked_message(prompt: Claimed, token: Token, *, share: Share, stop_link: str) -> Message:
    sender_name = signed_by(prompt, share)
    if prompt.kind == CODE:
        minutes = max(1, round((token.expires_at - share.at).total_seconds() / 60))
        code = way_back_code(token)
        return code_message(code=code, minutes=minutes, sender_name=sender_name, stop_link=stop_link)
    if prompt.kind == NUDGE:
        link = f"{share.public_url}/m/{prompt.id}/"
        return planned_message(kind="check_in", sender_name=sender_name, link=link, stop_link=stop_link)
    if prompt.kind == TEST:
        return all_is_well_message(sender_name=sender_name, stop_link=stop_link)
    if prompt.kind == SET_UP:
        link = _set_up_link(share.more.invitations.get(prompt.patient_id))
        return set_up_message(link=link, sender_name=sender_name, stop_link=stop_link)
    return invitation_message(link=invitation_link(token), sender_name=sender_name, stop_link=stop_link)


def _set_up_link(invitation: Token | None) -> str:
    """The set-up, which opens nothing without the phone; for who has none here yet their invitation."""
    return invitation_link(invitation) if invitation else settings.PUBLIC_URL + reverse("timeline:set_up")
