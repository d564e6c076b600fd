"""What is missing of the set-up of a planned visit, in words for the front desk."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from timeline.models import Treatment
from timeline.phases import clock_words
from timeline.queries import missing_parts, needed_parts
from timeline.states import TreatmentState

FEW = 3
# As after "Missing:". A part without words of its own is called by its title.
_WORDS = {
    "agree": "their consent",
    "reach": "how to reach them",
    "clock": "their clock",
    "people": "who drives",
    "tonight": "where they are tonight",
    "about_you": "facts about them",
    "before": "food and pills read",
    "home": "home list",
}


@dataclass(frozen=True, slots=True)
class SetUpLine:
    """ "5 of 8" and what is missing, "" for nothing; `short` names the first few of it.

    `is_hot`: the visit is today, or its time is over. `taken_back` says when the consent to the app was, "" while it was not.
    """

    done: str
    missing: str
    short: str
    is_hot: bool
    taken_back: str = ""


def set_up_line(treatment: Treatment, *, zone: ZoneInfo, at: datetime) -> SetUpLine | None:
    """Of a planned visit that was read with with_set_up(); None of any other. On the clinic's day. No query."""
    if treatment.state != TreatmentState.PLANNED:
        return None
    no_at: datetime | None = treatment.app_no_at  # type: ignore[attr-defined]
    missing, total = missing_parts(treatment), len(needed_parts())
    words = [_WORDS.get(part.key, part.title.lower()) for part in missing if part.key != "agree" or not no_at]
    is_today = treatment.planned_for.astimezone(zone).date() <= at.astimezone(zone).date()
    return SetUpLine(
        done=f"{total - len(missing)} of {total}",
        missing=", ".join(words),
        short=_first_few(words),
        is_hot=bool(missing) and is_today,
        taken_back=clock_words(no_at, zone=zone, today=at) if no_at else "",
    )


def _first_few(words: list[str]) -> str:
    shown = words if len(words) <= FEW + 1 else [*words[:FEW], f"and {len(words) - FEW} more"]
    return ", ".join(shown).replace(", and ", " and ")
