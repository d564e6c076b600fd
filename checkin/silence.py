"""Which check-ins are listened for, and what follows when nobody answers. No database, no Django."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from checkin.states import Moment, SilentStage
from timeline.document import PromptTemplate
from timeline.levels import RED, Level

# docs/clinical.md: one reminder after half an hour, then people: who stays that night, where both agreed; then staff (proposal).
NUDGE_AFTER = ESCORT_AFTER = STAFF_AFTER = timedelta(minutes=30)
# Nobody is asked after a check-in of long ago: its time is over, and a later one asks again.
LISTENS_FOR = timedelta(hours=6)


def moments(templates: Sequence[PromptTemplate]) -> dict[str, Moment]:
    """What each check-in of a protocol is for, by the key of its prompt. The first one by hours is the one at home."""
    check_ins = [template for template in templates if template.kind == "check_in"]
    by_hours = sorted((each for each in check_ins if each.at_hours is not None), key=lambda each: each.at_hours or 0.0)
    clocks = {"bedtime": Moment.BEDTIME, "morning": Moment.MORNING}
    return {
        **{each.key: Moment.SCHEDULED if place else Moment.HOME for place, each in enumerate(by_hours)},
        **{each.key: clocks[each.clock] for each in check_ins if each.clock is not None},
    }


@dataclass(frozen=True, slots=True)
class Climb:
    """One step of the silence ladder that is due: who is asked now, and how pressing it is for staff."""

    stage: SilentStage
    level: Level


def climb(
    *,
    asked_at: datetime,
    taken: frozenset[SilentStage],
    last_level: Level,
    is_night: bool,
    can_nudge: bool,
    can_ask_stayer: bool,
    at: datetime,
) -> Climb | None:
    """What to do about a check-in that was asked for at `asked_at` and not answered; None while it is time to wait.

    A nudge after 30 minutes; 30 minutes after it the one who stays that night, where they can be asked; 30 minutes after the
    last of these staff, at call today (docs/clinical.md: engine rule 6). Whose last answer
    was urgent or worse gets staff in place of the nudge, at urgent. At night nobody is texted: people on duty are asked at
    once. The same where a nudge has no way to the patient.
    """
    silent_for = at - asked_at
    if SilentStage.STAFF in taken or silent_for < NUDGE_AFTER or silent_for > LISTENS_FOR:
        return None
    if last_level in RED:
        return Climb(SilentStage.STAFF, Level.URGENT)
    if SilentStage.NUDGE in taken:
        return _after_nudge(silent_for, was_asked=SilentStage.ESCORT in taken, can_ask_stayer=can_ask_stayer)
    if is_night or not can_nudge:
        return Climb(SilentStage.STAFF, Level.CALL_TODAY)
    return Climb(SilentStage.NUDGE, Level.ROUTINE)


def _after_nudge(silent_for: timedelta, *, was_asked: bool, can_ask_stayer: bool) -> Climb | None:
    waits = NUDGE_AFTER + (ESCORT_AFTER if was_asked else timedelta()) + STAFF_AFTER
    if silent_for < waits:
        return None
    if can_ask_stayer and not was_asked:
        return Climb(SilentStage.ESCORT, Level.ROUTINE)
    return Climb(SilentStage.STAFF, Level.CALL_TODAY)
