"""The items of a visit's lists: which are ticked, and what is still open before the patient leaves."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from accounts.models import Clinic
from clinic.models import DischargeItem
from pickup.queries import met_link
from timeline.models import Treatment
from timeline.queries import stay_ends_at
from timeline.visit_lists import StaffItem, VisitLists

# What a press ticks. The escort's item comes with the door word, the next contact with the last page.
BY_HAND = frozenset({"tick", "stay", "pressure", "medicines"})


def item_of(lists: VisitLists, key: str) -> StaffItem | None:
    """The item of this key in any of the staff's lists."""
    return next((item for item in (*lists.during, *lists.recovering, *lists.discharge) if item.key == key), None)


def ticks_of(treatment: Treatment) -> dict[str, DischargeItem]:
    """By key, with who ticked. One query."""
    rows = DischargeItem.objects.filter(treatment=treatment).select_related("done_by")
    return {tick.key: tick for tick in rows}


def is_done(item: StaffItem, ticks: Mapping[str, DischargeItem], *, is_met: bool, stay_runs: bool) -> bool:
    """The escort's item is done when the door word was right, by nothing else. No tick ends the shortest stay before its time:
    hour 0 may be corrected after it, or the clinic's stay made longer."""
    if item.kind == "escort":
        return is_met
    return item.key in ticks and not (item.kind == "stay" and stay_runs)


def stay_is_running(treatment: Treatment, clinic: Clinic, *, at: datetime) -> bool:
    ends_at = stay_ends_at(treatment, clinic)
    return ends_at is not None and ends_at > at


def open_at_door(treatment: Treatment, *, at: datetime) -> tuple[tuple[StaffItem, ...], bool]:
    """What is open of what is required, and whether the escort was met. `treatment` comes with its clinic. Two queries."""
    ticks, is_met = ticks_of(treatment), met_link(treatment) is not None
    stay_runs = stay_is_running(treatment, treatment.patient.clinic, at=at)
    return tuple(
        item
        for item in treatment.lists.discharge
        if item.required and not is_done(item, ticks, is_met=is_met, stay_runs=stay_runs)
    ), is_met
