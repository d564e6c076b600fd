"""How far somebody is with picking a patient up, and what may lead there."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class PickupState(StrEnum):
    """`asked`: the link was made. `confirmed`: the escort opened it and said yes. `met`: staff have the door word."""

    ASKED = "asked"
    CONFIRMED = "confirmed"
    ON_THE_WAY = "on_the_way"
    OUTSIDE = "outside"
    MET = "met"
    HOME_SAFE = "home_safe"
    CANT_COME = "cant_come"


_BEFORE_THE_DOOR = (PickupState.ASKED, PickupState.CONFIRMED, PickupState.ON_THE_WAY, PickupState.OUTSIDE)

# state: the states that may lead there. What was tapped by mistake is taken back: each step of the way has its way back.
PICKUP_MOVES: Mapping[PickupState, frozenset[PickupState]] = {
    PickupState.CONFIRMED: frozenset(
        {PickupState.ASKED, PickupState.ON_THE_WAY, PickupState.OUTSIDE, PickupState.CANT_COME, PickupState.HOME_SAFE}
    ),
    PickupState.ON_THE_WAY: frozenset({PickupState.CONFIRMED, PickupState.OUTSIDE, PickupState.HOME_SAFE}),
    PickupState.OUTSIDE: frozenset({PickupState.CONFIRMED, PickupState.ON_THE_WAY, PickupState.HOME_SAFE}),
    # The word may be given at the desk before anything was tapped.
    PickupState.MET: frozenset({*_BEFORE_THE_DOOR, PickupState.CANT_COME, PickupState.HOME_SAFE}),
    # Somebody who was let in another way has no word to show for it.
    PickupState.HOME_SAFE: frozenset({PickupState.MET, *_BEFORE_THE_DOOR}),
    PickupState.CANT_COME: frozenset(_BEFORE_THE_DOOR),
}
