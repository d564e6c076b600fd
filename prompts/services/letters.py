"""Decides one clinic's share of a batch: skip, cancel, show in the app, or write what leaves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.urls import reverse

from accounts.models import Channel, Device, Token
from accounts.services import LinkExpired, address_mark
from accounts.services.invitations import invitation_link, open_invitations_of
from accounts.services.way_back import way_back_code
from accounts.states import ChannelKind
from prompts.guests import is_guest
from prompts.models import MessageChoice, PushSubscription
from prompts.routes import USUAL, ways_after, ways_for
from prompts.services.asked import CODE, ESCORT, NOTICE, NUDGE, SET_UP, TEST
from prompts.services.choices import choices_of
from prompts.services.day_reminders import NOT_NOW, held_back
from prompts.services.escort_texts import escort_channels, escort_links
from prompts.services.rows import Claimed, Ending, Letter
from prompts.services.subscriptions import push_address, subscriptions_of
from prompts.services.tries import Tries, Visit, base_of, channels_of, tries_of, visits_of
from prompts.services.ways import kinds_with_provider
from prompts.states import PromptState, Reason
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
from timeline.states import TreatmentState

NOT_A_GUEST = "not on the guest list"
WINDOW_OVER, NO_WAY = "window over", "no way to send it"
_OVER = "used, withdrawn or over"
_MAY_RECEIVE = frozenset({TreatmentState.IN_TREATMENT, TreatmentState.RECOVERING, TreatmentState.DISCHARGED})
_HELD_BY_PAUSE = frozenset({SET_UP, NUDGE})  # of what was asked for
_STOP_SALT = "prompts.stop_emails"


@dataclass(frozen=True, slots=True)
class _Share:
    """All that deciding one clinic's prompts needs, read once. `visits` are those of which it hangs on the budget, `takers`
    the kinds of ways that somebody takes messages of."""

    at: datetime
    sender_name: str
    phone: str
    public_url: str
    takers: Set[str]
    guests: tuple[str, ...]
    country: str
    states: Mapping[UUID, str]
    visits: Mapping[UUID, Visit]
    tries: Mapping[int, Tries]
    channels: Mapping[tuple[UUID, str], Channel]
    choices: Mapping[UUID, MessageChoice]
    subscriptions: Mapping[UUID, PushSubscription]
    tokens: Mapping[int, Token]
    escorts: Mapping[UUID, Channel]
    escort_links: Mapping[UUID, str]
    invitations: Mapping[UUID, Token]
    held_back: Set[UUID]


def write_letters(clinic_id: UUID, prompts: Sequence[Claimed], *, at: datetime) -> Iterator[Letter | Ending]:
    """Inside the clinic's transaction, and set by set, however many rows there are: one query, one more for what leaves
    the app, one when somebody chose something, one when something was asked for, one when something was tried before, two
    for notices on phones, two for texts to escorts, two for reminders of the set-up and two for those of a day."""
    share = _share(clinic_id, prompts, at=at)
    for prompt in prompts:
        if prompt.window_ends_at <= at:
            yield Ending(prompt, PromptState.SKIPPED, WINDOW_OVER)
        elif prompt.asked_on:
            yield _of_day(prompt, share)
        elif prompt.token_id is None:
            yield _planned(prompt, share)
        else:
            yield _asked_for(prompt, share)


def ways_behind(prompt: Claimed, *, at: datetime) -> tuple[str, ...]:
    """Inside its clinic's transaction: the ways that a prompt may take still, in order, once its own did not reach anybody.

    None for what has one way, as most that was asked for, and for what may not leave any more.
    """
    share = _share(prompt.clinic_id, [prompt], at=at)
    if _is_paused(prompt, share):
        return ()
    if prompt.token_id is not None:
        return _others_asked(prompt, share)
    if prompt.treatment_id and share.states.get(prompt.treatment_id) not in _MAY_RECEIVE:
        return ()
    return () if prompt.patient_id in share.held_back else _others(prompt, share)


def next_way(prompt: Claimed, way: str) -> Ending:
    """By this way now, which none of the ways before took; the app shows it at once."""
    return Ending(prompt, PromptState.SENT if way == ChannelKind.IN_APP else PromptState.WAITING, next_way=way)


def stop_link(channel: Channel) -> str:
    """The address that ends e-mails to this channel as it is now; only we can make one."""
    named = f"{channel.clinic_id.hex}{channel.pk.hex}{address_mark(channel.address)}"
    signed = signing.Signer(salt=_STOP_SALT).sign(named)
    return settings.PUBLIC_URL + reverse("prompts:stop_emails", args=[signed])


def read_stop_link(signed: str) -> tuple[UUID, UUID, str] | None:
    """The clinic, the channel and the mark of the address that a stop link names; None for one that we did not make."""
    try:
        value = signing.Signer(salt=_STOP_SALT).unsign(signed)
        return UUID(value[:32]), UUID(value[32:64]), value[64:]
    except (signing.BadSignature, ValueError):
        return None


def _share(clinic_id: UUID, prompts: Sequence[Claimed], *, at: datetime) -> _Share:
    patients, tokens = {p.patient_id for p in prompts}, {p.token_id for p in prompts} - {None}
    asked_for = Token.objects.in_bulk(tokens) if tokens else {}
    escorts = {asked_for[p.token_id].subject for p in prompts if p.kind == ESCORT and p.token_id in asked_for}
    base = base_of(clinic_id, {p.treatment_id for p in prompts if p.treatment_id}, patients)
    choices = choices_of(patients) if base.has_choices else {}
    return _Share(
        at=at,
        sender_name=base.sender_name,
        phone=base.phone,
        public_url=settings.PUBLIC_URL,
        takers=kinds_with_provider(),
        guests=tuple(settings.SEND_ONLY_TO),
        country=settings.DEFAULT_COUNTRY,
        states=base.states,
        visits=visits_of({p.treatment_id for p in prompts if p.treatment_id and _may_turn_text(p, choices)}),
        tries=tries_of(prompts),
        channels=channels_of({p.patient_id for p in prompts if p.channel != ChannelKind.IN_APP}),
        choices=choices,
        subscriptions=subscriptions_of({p.patient_id for p in prompts if p.channel == ChannelKind.PUSH}),
        tokens=asked_for,
        escorts=escort_channels(escorts),
        escort_links=escort_links(escorts, at=at),
        invitations=_invitations({p.patient_id for p in prompts if p.kind == SET_UP}, at=at),
        held_back=held_back({p.patient_id for p in prompts if p.asked_on}, choices=choices, at=at),
    )


def _may_turn_text(prompt: Claimed, choices: Mapping[UUID, MessageChoice]) -> bool:
    """Whether a text is among the ways behind its own: then the budget has a word in it."""
    choice = choices.get(prompt.patient_id)
    return prompt.channel == ChannelKind.PUSH or bool(
        choice and choice.first_way == prompt.channel == ChannelKind.EMAIL
    )


def _planned(prompt: Claimed, share: _Share) -> Letter | Ending:
    if prompt.treatment_id is None or share.states.get(prompt.treatment_id) not in _MAY_RECEIVE:
        return Ending(prompt, PromptState.CANCELLED, "visit stopped")
    if _is_paused(prompt, share):
        return Ending(prompt, PromptState.CANCELLED, Reason.PAUSED)
    if prompt.channel == ChannelKind.IN_APP:
        return next_way(prompt, ChannelKind.IN_APP)
    # prompts:prompt, at the speed of a batch
    return _by_ways(prompt, share, link=f"{share.public_url}/m/{prompt.id}/")


def _of_day(prompt: Claimed, share: _Share) -> Letter | Ending:
    """Only out of the building: whoever has the app open sees the page that it leads to."""
    if prompt.patient_id in share.held_back:
        return Ending(prompt, PromptState.CANCELLED, NOT_NOW)
    return _by_ways(prompt, share, link=share.public_url + reverse("checkin:log"))


def _is_paused(prompt: Claimed, share: _Share) -> bool:
    """What the patient waits for, and what goes to others, is held by no pause of theirs."""
    choice = share.choices.get(prompt.patient_id)
    is_theirs = prompt.token_id is None or prompt.kind in _HELD_BY_PAUSE
    return bool(is_theirs and choice and choice.paused_until and choice.paused_until > share.at)


def _by_ways(prompt: Claimed, share: _Share, *, link: str) -> Letter | Ending:
    """By its own way, where that is open, was not spent on it and is not held for too long; else by the next one."""
    channel, others = _channel(prompt, share), _others(prompt, share)
    tries = share.tries.get(prompt.id, Tries())
    if channel is None or prompt.channel in tries.spent or (prompt.is_held and others):
        return next_way(prompt, others[0]) if others else Ending(prompt, PromptState.CANCELLED, NO_WAY)
    if not _is_guest(channel, share):
        return Ending(prompt, PromptState.CANCELLED, NOT_A_GUEST)
    message = planned_message(
        kind=prompt.kind, sender_name=_sender_name(prompt, share), link=link, stop_link=_stop_link(channel)
    )
    asked = tries.asked.get(prompt.channel, 0)
    return Letter(prompt, to=_address(channel, share), message=message, others=others, asked=asked)


def _others(prompt: Claimed, share: _Share) -> tuple[str, ...]:
    """The ways that it may take when its own can't, in the patient's order. The app is the last of what is planned; all else
    ends before it."""
    choice, visit = share.choices.get(prompt.patient_id), share.visits.get(prompt.treatment_id or UUID(int=0))
    is_text, is_planned = prompt.channel == ChannelKind.SMS, prompt.treatment_id is not None
    order = ways_for(
        _usable(prompt, share),
        first=choice.first_way if choice else "",
        goes_out=is_text or not is_planned or prompt.channel == ChannelKind.EMAIL or _is_meant(prompt, visit),
        has_text_left=is_text or not is_planned or bool(visit and visit.texts_left > 0),
    )
    ways = ways_after(prompt.channel, order, spent=share.tries.get(prompt.id, Tries()).spent)
    return tuple(way for way in ways if way != ChannelKind.IN_APP or is_planned)


def _is_meant(prompt: Claimed, visit: Visit | None) -> bool:
    return visit is not None and prompt.step in visit.going_out


def _usable(prompt: Claimed, share: _Share) -> list[str]:
    """The patient's open ways for which there is a provider, and to which the guest list lets us write."""
    channels = [share.channels.get((prompt.patient_id, way)) for way in USUAL]
    return [each.kind for each in channels if each and each.kind in share.takers and _is_guest(each, share)]


def _asked_for(prompt: Claimed, share: _Share) -> Letter | Ending:
    """It is never shown in the app: whoever has the app open needs neither a code nor an invitation."""
    token, channel = share.tokens.get(prompt.token_id or 0), _channel(prompt, share)
    if token is None or token.used_at or token.revoked_at or token.expires_at <= share.at:
        return Ending(prompt, PromptState.CANCELLED, _OVER)
    if _is_paused(prompt, share):
        return Ending(prompt, PromptState.CANCELLED, Reason.PAUSED)
    if prompt.kind == NOTICE:
        return _notice(prompt, channel, share)
    if prompt.kind == ESCORT:
        return _escort_note(prompt, token, share)
    return _to_patient(prompt, token, channel, share)


def _to_patient(prompt: Claimed, token: Token, channel: Channel | None, share: _Share) -> Letter | Ending:
    others, tries = _others_asked(prompt, share), share.tries.get(prompt.id, Tries())
    if channel is None or prompt.channel in tries.spent or (prompt.is_held and others):
        return next_way(prompt, others[0]) if others else Ending(prompt, PromptState.CANCELLED, NO_WAY)
    if not _is_guest(channel, share):
        return Ending(prompt, PromptState.CANCELLED, NOT_A_GUEST)
    try:
        message = _asked_message(prompt, token, share=share, stop_link=_stop_link(channel))
    except LinkExpired:
        return Ending(prompt, PromptState.CANCELLED, _OVER)
    asked = tries.asked.get(prompt.channel, 0)
    return Letter(prompt, to=_address(channel, share), message=message, others=others, asked=asked)


def _others_asked(prompt: Claimed, share: _Share) -> tuple[str, ...]:
    """A reminder of the set-up goes on by the next way out. Anything else was asked for by one way, which it names."""
    return _others(prompt, share) if prompt.kind == SET_UP else ()


def _notice(prompt: Claimed, channel: Channel | None, share: _Share) -> Letter | Ending:
    """To the number before, which no channel has any more; unless it was put back meanwhile."""
    if prompt.channel not in share.takers:
        return Ending(prompt, PromptState.CANCELLED, NO_WAY)
    if channel and channel.address == prompt.address:
        return Ending(prompt, PromptState.CANCELLED, "their number once more")
    return _letter(prompt, prompt.address, notice_message(phone=share.phone, sender_name=share.sender_name), share)


def _escort_note(prompt: Claimed, token: Token, share: _Share) -> Letter | Ending:
    """To an escort, with the link of theirs that opens something now."""
    channel = share.escorts.get(token.subject) if prompt.channel in share.takers else None
    if channel is None:
        return Ending(prompt, PromptState.CANCELLED, NO_WAY)
    link = share.escort_links.get(token.subject, "")
    if not link:
        return Ending(prompt, PromptState.CANCELLED, _OVER)
    language = channel.escort.language if channel.escort else ""
    message = escort_message(link=link, sender_name=share.sender_name, language=language)
    return _letter(prompt, channel.address, message, share)


def _asked_message(prompt: Claimed, token: Token, *, share: _Share, stop_link: str) -> Message:
    sender_name = _sender_name(prompt, share)
    if prompt.kind == CODE:
        minutes = max(1, round((token.expires_at - share.at).total_seconds() / 60))
        code = way_back_code(token)
        return code_message(code=code, minutes=minutes, sender_name=sender_name, stop_link=stop_link)
    if prompt.kind == NUDGE:
        link = f"{share.public_url}/"
        return planned_message(kind="check_in", sender_name=sender_name, link=link, stop_link=stop_link)
    if prompt.kind == TEST:
        return all_is_well_message(sender_name=sender_name, stop_link=stop_link)
    if prompt.kind == SET_UP:
        link = _set_up_link(share.invitations.get(prompt.patient_id))
        return set_up_message(link=link, sender_name=sender_name, stop_link=stop_link)
    return invitation_message(link=invitation_link(token), sender_name=sender_name, stop_link=stop_link)


def _invitations(patient_ids: Set[UUID], *, at: datetime) -> dict[UUID, Token]:
    """By patient: the invitation of who has no phone here yet, while it is open. Two queries; none for nobody."""
    if not patient_ids:
        return {}
    phones = Device.objects.filter(patient_id__in=patient_ids, revoked_at=None)
    return open_invitations_of(patient_ids - set(phones.values_list("patient_id", flat=True)), at=at)


def _set_up_link(invitation: Token | None) -> str:
    """The set-up, which opens nothing without the phone; for who has none here yet their invitation."""
    return invitation_link(invitation) if invitation else settings.PUBLIC_URL + reverse("timeline:set_up")


def _channel(prompt: Claimed, share: _Share) -> Channel | None:
    """The way that this prompt takes; None when it is off, has no phone behind it, or when there is no provider for it."""
    is_open = prompt.channel in share.takers and (
        prompt.channel != ChannelKind.PUSH or prompt.patient_id in share.subscriptions
    )
    return share.channels.get((prompt.patient_id, prompt.channel)) if is_open else None


def _address(channel: Channel, share: _Share) -> str:
    if channel.kind == ChannelKind.PUSH and channel.patient_id:
        return push_address(share.subscriptions[channel.patient_id])
    return channel.address


def _sender_name(prompt: Claimed, share: _Share) -> str:
    """The clinic's own, or what the patient has put in its place."""
    choice = share.choices.get(prompt.patient_id)
    return choice.alias if choice and choice.alias else share.sender_name


def _stop_link(channel: Channel) -> str:
    return stop_link(channel) if channel.kind == ChannelKind.EMAIL else ""


def _is_guest(channel: Channel, share: _Share) -> bool:
    """Notices on phones are not offered at all where there is a guest list."""
    return channel.kind == ChannelKind.PUSH or _may_get(channel.address, share)


def _may_get(address: str, share: _Share) -> bool:
    return is_guest(address, guests=share.guests, country=share.country)


def _letter(prompt: Claimed, to: str, message: Message, share: _Share) -> Letter | Ending:
    if not _may_get(to, share):
        return Ending(prompt, PromptState.CANCELLED, NOT_A_GUEST)
    return Letter(prompt, to=to, message=message)
