"""One clinic's share of a batch: all that deciding its prompts needs, read once, and what it says about one of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from uuid import UUID

from django.conf import settings

from accounts.models import Channel, Device, Token
from accounts.services.invitations import open_invitations_of
from accounts.states import ChannelKind
from prompts.guests import is_guest
from prompts.models import PushSubscription
from prompts.routes import ways_after, ways_for
from prompts.services.asked import ESCORT, SET_UP, UNASKED, WAITS_FOR_MORNING, Clock, clocks_of
from prompts.services.day_reminders import held_back
from prompts.services.escort_texts import escort_channels, escort_links
from prompts.services.known import Choice, Known, OpenWay
from prompts.services.rows import Claimed, Ending, Letter, next_way
from prompts.services.stop_links import stop_link
from prompts.services.subscriptions import push_address, subscriptions_of
from prompts.services.tries import Tries, Visit, tries_of, visits_of
from prompts.services.ways import kinds_with_provider
from prompts.states import PromptState
from prompts.words import Message

NOT_A_GUEST, NO_WAY = "not on the guest list", "no way to send it"
_FIRST = Tries()


@dataclass(frozen=True, slots=True)
class More:
    """What few prompts hang on. `visits` are those of which it hangs on the budget, `clocks` are of those
    for whom something waits for the end of the night."""

    visits: Mapping[UUID, Visit]
    tries: Mapping[int, Tries]
    subscriptions: Mapping[UUID, PushSubscription]
    tokens: Mapping[int, Token]
    escorts: Mapping[UUID, Channel]
    escort_links: Mapping[UUID, str]
    invitations: Mapping[UUID, Token]
    clocks: Mapping[UUID, Clock]
    held_back: Set[UUID]


_NO_MORE = More({}, {}, {}, {}, {}, {}, {}, {}, frozenset())


@dataclass(frozen=True, slots=True)
class Share:
    """Of one clinic. `takers` are the kinds of ways that somebody takes messages of."""

    at: datetime
    sender_name: str
    phone: str
    public_url: str
    takers: Set[str]
    guests: tuple[str, ...]
    country: str
    known: Known
    more: More


def share_of(clinic_id: UUID, prompts: Sequence[Claimed], known: Known, *, at: datetime) -> Share:
    """Inside the clinic's transaction where these prompts need more. Of those, set by set: one query when something was
    asked for, one when something was tried before, two for notices on phones, two for texts to escorts, two for reminders of
    the set-up, one for invitations and notes to a number before, and two for reminders of a day."""
    sender = known.senders[clinic_id]
    return Share(
        at=at,
        sender_name=sender.name,
        phone=sender.phone,
        public_url=settings.PUBLIC_URL,
        takers=kinds_with_provider(),
        guests=tuple(settings.SEND_ONLY_TO),
        country=settings.DEFAULT_COUNTRY,
        known=known,
        more=_more(prompts, known, at=at) if need_more(prompts, known) else _NO_MORE,
    )


def need_more(prompts: Sequence[Claimed], known: Known) -> bool:
    """Whether some of them hang on more than what is read for every clinic at once."""
    return any(
        prompt.tries > 1 or prompt.treatment_id is None or _may_turn_text(prompt, known.choices) for prompt in prompts
    )


def _more(prompts: Sequence[Claimed], known: Known, *, at: datetime) -> More:
    tokens = {p.token_id for p in prompts} - {None}
    asked_for = Token.objects.in_bulk(tokens) if tokens else {}
    escorts = {asked_for[p.token_id].subject for p in prompts if p.kind == ESCORT and p.token_id in asked_for}
    return More(
        visits=visits_of({p.treatment_id for p in prompts if p.treatment_id and _may_turn_text(p, known.choices)}),
        tries=tries_of(prompts),
        subscriptions=subscriptions_of({p.patient_id for p in prompts if p.channel == ChannelKind.PUSH}),
        tokens=asked_for,
        escorts=escort_channels(escorts),
        escort_links=escort_links(escorts, at=at),
        invitations=_invitations({p.patient_id for p in prompts if p.kind == SET_UP}, at=at),
        clocks=clocks_of({p.patient_id for p in prompts if p.token_id and p.kind in WAITS_FOR_MORNING}),
        held_back=held_back({p.patient_id for p in prompts if p.asked_on}, choices=known.choices, at=at),
    )


def _may_turn_text(prompt: Claimed, choices: Mapping[UUID, Choice]) -> bool:
    """Whether a text is among the ways behind its own: then the budget has a word in it."""
    if prompt.channel != ChannelKind.EMAIL:
        return prompt.channel == ChannelKind.PUSH
    choice = choices.get(prompt.patient_id)
    return choice is not None and choice.first_way == ChannelKind.EMAIL


def _invitations(patient_ids: Set[UUID], *, at: datetime) -> dict[UUID, Token]:
    """By patient: the invitation of who has no phone here yet, while it is open. Two queries; none for nobody."""
    if not patient_ids:
        return {}
    phones = Device.objects.filter(patient_id__in=patient_ids, revoked_at=None)
    return open_invitations_of(patient_ids - set(phones.values_list("patient_id", flat=True)), at=at)


def is_paused(prompt: Claimed, share: Share) -> bool:
    """What the patient waits for, and what goes to others, is held by no pause of theirs."""
    choice = _choice(prompt, share)
    is_theirs = prompt.token_id is None or prompt.kind in UNASKED
    return bool(is_theirs and choice and choice.paused_until and choice.paused_until > share.at)


def _choice(prompt: Claimed, share: Share) -> Choice | None:
    choices = share.known.choices
    return choices.get(prompt.patient_id) if choices else None


def tries_before(prompt: Claimed, share: Share) -> Tries:
    return share.more.tries.get(prompt.id, _FIRST) if prompt.tries > 1 else _FIRST


def others(prompt: Claimed, share: Share) -> tuple[str, ...]:
    """The ways that it may take when its own can't, in the patient's order. The app is the last of what is planned; all else
    ends before it."""
    choice = _choice(prompt, share)
    visit = share.more.visits.get(prompt.treatment_id) if prompt.treatment_id else None
    is_text, is_planned = prompt.channel == ChannelKind.SMS, prompt.treatment_id is not None
    return _ways_behind(
        prompt.channel,
        usable=_usable(prompt, share),
        first=choice.first_way if choice else "",
        goes_out=is_text or not is_planned or prompt.channel == ChannelKind.EMAIL or _is_meant(prompt, visit),
        has_text_left=is_text or not is_planned or bool(visit and visit.texts_left > 0),
        spent=tries_before(prompt, share).spent,
        is_planned=is_planned,
    )


@cache
def _ways_behind(
    current: str,
    *,
    usable: tuple[str, ...],
    first: str,
    goes_out: bool,
    has_text_left: bool,
    spent: frozenset[str],
    is_planned: bool,
) -> tuple[str, ...]:
    """There are few answers, and each message asks."""
    order = ways_for(usable, first=first, goes_out=goes_out, has_text_left=has_text_left)
    return tuple(way for way in ways_after(current, order, spent=spent) if way != ChannelKind.IN_APP or is_planned)


def _is_meant(prompt: Claimed, visit: Visit | None) -> bool:
    return visit is not None and prompt.step in visit.going_out


def _usable(prompt: Claimed, share: Share) -> tuple[str, ...]:
    """The patient's open ways for which there is a provider, and to which the guest list lets us write."""
    ways = share.known.ways.get(prompt.patient_id, {})
    return tuple([kind for kind, way in ways.items() if kind in share.takers and may_take(way, share)])


def own_way(prompt: Claimed, share: Share) -> OpenWay | None:
    """The way that this prompt takes; None when it is off, has no phone behind it, or when there is no provider for it."""
    is_open = prompt.channel in share.takers and (
        prompt.channel != ChannelKind.PUSH or prompt.patient_id in share.more.subscriptions
    )
    return share.known.ways.get(prompt.patient_id, {}).get(prompt.channel) if is_open else None


def address_of(prompt: Claimed, way: OpenWay, share: Share) -> str:
    is_phone = way.kind == ChannelKind.PUSH
    return push_address(share.more.subscriptions[prompt.patient_id]) if is_phone else way.address


def signed_by(prompt: Claimed, share: Share) -> str:
    """The clinic's own, or what the patient has put in its place."""
    choice = _choice(prompt, share)
    return choice.alias if choice and choice.alias else share.sender_name


def stop_link_of(way: OpenWay) -> str:
    return stop_link(way) if way.kind == ChannelKind.EMAIL else ""


def may_take(way: OpenWay, share: Share) -> bool:
    """Notices on phones are not offered at all where there is a guest list."""
    return way.kind == ChannelKind.PUSH or may_get(way.address, share)


def may_get(address: str, share: Share) -> bool:
    return is_guest(address, guests=share.guests, country=share.country)


def by_ways(
    prompt: Claimed, way: OpenWay | None, behind: tuple[str, ...], share: Share, *, write: Callable[[str], Message]
) -> Letter | Ending:
    """By its own way, where that is open, was not spent on it and is not held for too long; else by the next one. `write`
    makes the message, from the link that stops it."""
    tries = tries_before(prompt, share)
    if way is None or prompt.channel in tries.spent or (prompt.is_held and behind):
        return next_way(prompt, behind[0]) if behind else Ending(prompt, PromptState.CANCELLED, NO_WAY)
    if not may_take(way, share):
        return Ending(prompt, PromptState.CANCELLED, NOT_A_GUEST)
    message, asked = write(stop_link_of(way)), tries.asked.get(prompt.channel, 0)
    return Letter(prompt, to=address_of(prompt, way, share), message=message, others=behind, asked=asked)


def letter_to(prompt: Claimed, to: str, message: Message, share: Share) -> Letter | Ending:
    if not may_get(to, share):
        return Ending(prompt, PromptState.CANCELLED, NOT_A_GUEST)
    return Letter(prompt, to=to, message=message, asked=tries_before(prompt, share).asked.get(prompt.channel, 0))
