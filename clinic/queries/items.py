"""The items of a visit's lists: which are ticked, and what is still open before the patient leaves."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from clinic.models import DischargeItem
from pickup.queries import met_link
from timeline.models import Treatment
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


def open_required(lists: VisitLists, ticks: Mapping[str, DischargeItem], *, is_met: bool) -> tuple[StaffItem, ...]:
    """What has to be done before leaving and is not. The escort's item is done when the door word was right, by nothing else."""
    return tuple(
        item
        for item in lists.discharge
        if item.required and not (is_met if item.kind == "escort" else item.key in ticks)
    )


def open_at_door(treatment: Treatment, *, but: Collection[str] = ()) -> tuple[tuple[StaffItem, ...], bool]:
    """What is open of what is required, without kinds in `but`; and whether the escort was met. Two queries."""
    is_met = met_link(treatment) is not None
    found = open_required(treatment.lists, ticks_of(treatment), is_met=is_met)
    return tuple(item for item in found if item.kind not in but), is_met
