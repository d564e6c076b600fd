"""The duties of a pickup, with who ticked each and when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from pickup.models import PickupLink, PickupTick
from pickup.queries.moments import clock, language_now
from timeline.models import Treatment
from timeline.visit_lists import ListItem, for_escort, named


@dataclass(frozen=True, slots=True)
class Duty:
    """One thing to do. `done` is "You, 3:12 pm" once it is; what somebody else ticked stays theirs."""

    key: str
    title: str
    note: str
    done: str
    is_mine: bool


@dataclass(frozen=True, slots=True)
class DutyGroup:
    """Duties under one heading."""

    key: str
    name: str
    icon: str
    duties: tuple[Duty, ...]


def duty_groups(link: PickupLink, at: datetime) -> tuple[DutyGroup, ...]:
    """The groups in their order, as this escort sees them. One query."""
    treatment = link.treatment
    groups = named(for_escort(treatment.lists, language_now())[0].pickup, link.patient_name)
    ticks = {tick.duty: tick for tick in PickupTick.objects.filter(treatment=treatment).select_related("link")}
    return tuple(
        DutyGroup(
            group.key, group.name, group.icon, tuple(_duty(item, ticks, link=link, at=at) for item in group.items)
        )
        for group in groups
    )


def duty_keys(treatment: Treatment) -> frozenset[str]:
    return frozenset(item.key for group in treatment.lists.pickup for item in group.items)


def _duty(item: ListItem, ticks: Mapping[str, PickupTick], *, link: PickupLink, at: datetime) -> Duty:
    tick = ticks.get(item.key)
    if tick is None:
        return Duty(item.key, item.title, item.note, done="", is_mine=False)
    is_mine = tick.link.escort_id == link.escort_id
    who = _("You") if is_mine else tick.link.spoken_name
    return Duty(
        item.key, item.title, item.note, done=f"{who}, {clock(tick.ticked_at, link.treatment, at)}", is_mine=is_mine
    )
