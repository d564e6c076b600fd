"""The parts of the set-up before a visit, in their order. No Django."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SetUpPart:
    """One page of the set-up. `page` is the name of its address; `is_needed`: the front desk asks for it when it is missing."""

    key: str
    title: str
    icon: str
    page: str
    is_needed: bool = True


# Beside the parts, a mark of its own: the patient said that nobody can drive them (a SetUpStep while it holds).
NOBODY_DRIVES = "nobody_drives"
# Likewise: whoever stays said yes to this very visit, and has not said since that they can't.
STAYER_COMES = "stayer_comes"

PARTS = (
    SetUpPart("agree", "What you agree to", "check", "timeline:agree"),
    SetUpPart("reach", "How we reach you", "message-circle", "timeline:reach"),
    SetUpPart("clock", "Your clock and quiet hours", "moon", "timeline:clock"),
    SetUpPart("look", "Light or dim", "sun-dim", "timeline:look", is_needed=False),
    SetUpPart("people", "Who drives and who stays", "users", "pickup:people"),
    SetUpPart("tonight", "Where you are that night", "map-pin", "timeline:tonight"),
    SetUpPart("about_you", "A few facts about you", "user", "timeline:about_you"),
    SetUpPart("before", "Food, drink and your pills", "circle-check", "timeline:before"),
    SetUpPart("home", "Get your home ready", "sofa", "timeline:home"),
    SetUpPart("feeling", "How the last two weeks were", "list-checks", "checkin:baseline", is_needed=False),
)


def part_after(parts: Sequence[SetUpPart], key: str, *, done: Collection[str]) -> SetUpPart | None:
    """The part to go on with after `key`: the next in order that is not done; None when nothing after it is left."""
    keys = [part.key for part in parts]
    later = parts[keys.index(key) + 1 :] if key in keys else parts
    return next((part for part in later if part.key not in done), None)
