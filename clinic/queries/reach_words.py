"""How a patient or an escort is reached, by way: whether it is on, why it is not, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from accounts.models import Channel
from accounts.states import ChannelKind
from prompts.fates import code_words
from prompts.models import WayHold
from timeline.phases import clock_words

_NAMES = {ChannelKind.SMS: "Texts", ChannelKind.EMAIL: "E-mails", ChannelKind.PUSH: "Notices on the phone"}
_ASK = {ChannelKind.SMS: "Ask for another number.", ChannelKind.EMAIL: "Ask for another address."}


@dataclass(frozen=True, slots=True)
class WayWords:
    """One way: "Texts are on". `tone` is "warn" where nothing arrives; then `needs_number` says that another number helps.
    `is_on`: messages leave by it."""

    name: str
    words: str
    tone: str
    needs_number: bool
    is_on: bool = False


def way_words(channel: Channel, *, zone: ZoneInfo, at: datetime) -> WayWords:
    kind = ChannelKind(channel.kind)
    name = _NAMES[kind]
    if channel.failed_at and not channel.stopped_at:
        why = code_words(channel.failed_code, way=kind) or "No message is taken there"
        since = clock_words(channel.failed_at, zone=zone, today=at)
        words = " ".join(
            filter(None, (f"{name} do not arrive since {since}: {why[:1].lower()}{why[1:]}.", _ASK.get(kind)))
        )
        return WayWords(name, words, "warn", needs_number=kind == ChannelKind.SMS)
    if channel.stopped_at:
        return WayWords(name, f"{name} are off since {clock_words(channel.stopped_at, zone=zone, today=at)}", "", False)
    is_on = channel.may_send
    return WayWords(name, f"{name} are {'on' if is_on else 'off: nobody agreed to them'}", "", False, is_on)


def held_words(hold: WayHold | None, *, zone: ZoneInfo, at: datetime) -> str:
    """ "Held until 3:10 pm: the provider was too busy", of a way whose provider takes nothing now; "" for none."""
    if hold is None:
        return ""
    why = code_words(hold.code, way=hold.kind) or "The provider asked for quiet"
    return f"Held until {clock_words(hold.until, zone=zone, today=at)}: {why[:1].lower()}{why[1:]}"


def unreached_words(kinds: Sequence[str]) -> str:
    """ "Texts do not arrive", of the ways by which nothing does; "" for none."""
    names = " and ".join(_NAMES[ChannelKind(kind)].lower() for kind in kinds)
    return f"{names[:1].upper()}{names[1:]} do not arrive" if kinds else ""
