"""What a patient's copy tells of who picked them up: who was asked, how far they came, what they ticked."""

from __future__ import annotations

from datetime import datetime

from accounts.copies import Section
from accounts.models import Patient
from pickup.models import PickupLink, PickupTick
from pickup.states import PickupState
from timeline.visit_lists import named

_STATES = {
    PickupState.ASKED: "Asked",
    PickupState.CONFIRMED: "Said yes",
    PickupState.ON_THE_WAY: "On the way",
    PickupState.OUTSIDE: "At the door",
    PickupState.MET: "Met you",
    PickupState.HOME_SAFE: "Brought you home",
    PickupState.CANT_COME: "Could not come",
}


def sections(patient: Patient, at: datetime) -> list[Section]:
    """Two queries (one more for each protocol version that is read for the first time)."""
    links = PickupLink.objects.filter(treatment__patient=patient).select_related("treatment__protocol_version")
    rows = [
        {
            "Name": link.name,
            "Calls themselves": link.said_name or None,
            "Drives": link.drives,
            "Stays": link.stays,
            "Asked": link.made_at,
            "Said yes": link.confirmed_at,
            "On the way": link.on_the_way_at,
            "At the door": link.outside_at,
            "Met you": link.met_at,
            "Home": link.home_safe_at,
            "Could not come": link.cant_come_at,
            "How it stands": _STATES[PickupState(link.state)],
            "Ticked": [_duty(tick, patient) for tick in link.ticks.all()] or None,
        }
        for link in links.prefetch_related("ticks__treatment__protocol_version").order_by("made_at", "pk")
    ]
    return [Section("rides", "Who picked you up", "Each list that a helper had for you.", rows, order=40)]


def _duty(tick: PickupTick, patient: Patient) -> str:
    titles: dict[str, str] = {
        duty.key: duty.title for duty in named(tick.treatment.lists.duties, patient.name_for_escorts)
    }
    return titles.get(tick.duty, tick.duty.replace("-", " "))
