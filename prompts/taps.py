"""What one tap about messages means: which act fits a prompt, and how long it can be taken back. No Django."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from timeline.states import TreatmentState

TIP = "tip"
# The text that follows a check-in that nobody answered.
NUDGE = "nudge"
# While the messages of a visit leave.
RUNS = (TreatmentState.IN_TREATMENT, TreatmentState.RECOVERING, TreatmentState.DISCHARGED)
# How long a stop of everything can be undone at one tap. After that each way has its own switch.
STOP_UNDO = timedelta(hours=1)
# A drink or a rest makes up for the next tip only where that comes soon.
SOON = timedelta(hours=3)


@dataclass(frozen=True, slots=True)
class Act:
    """The button under a tip, and what the page says once it is done."""

    button: str
    done: str


_DRINK, _REST = Act("I had a drink", "You had a drink"), Act("I rested", "You rested")
_BY_ICON: Mapping[str, Act] = {
    **dict.fromkeys(("droplet", "coffee"), _DRINK),
    **dict.fromkeys(("moon", "sofa"), _REST),
}


def act_of(icon: str) -> Act | None:
    """What fits a tip with this icon; None where it is neither a drink nor a rest."""
    return _BY_ICON.get(icon)


def makes_up_for_a_tip(icon: str) -> bool:
    """Whether a tip or a step with this icon, once it is done, is a drink or a rest."""
    return act_of(icon) is not None
