"""What a patient's copy tells of leaving the clinic, and of the call afterwards. No note of the staff's own."""

from __future__ import annotations

from datetime import datetime

from accounts.copies import Section
from accounts.models import Patient
from alerts.states import Tried
from clinic.models import BadEnd, ContactCall, Discharge

_DOORS = {
    Discharge.Door.WORD: "With the word for the door",
    Discharge.Door.OTHER: "Known in another way",
    Discharge.Door.NOBODY: "Nobody came",
}
_TRIED = {Tried.TRIED: "Nobody picked up", Tried.REACHED: "You spoke", Tried.OTHER: "Somebody else picked up"}


def sections(patient: Patient, at: datetime) -> list[Section]:
    """Three queries."""
    left = [
        {
            "You left": row.at,
            "Who came": _DOORS[Discharge.Door(row.door)],
            "With": row.with_whom or None,
            "Medicines for the night": row.medicines or None,
            "Next call": row.next_contact_at,
        }
        for row in Discharge.objects.filter(treatment__patient=patient).order_by("at")
    ]
    ended = [
        {"Did not go as planned": row.at, "You went to": row.went_to or None, "Next call": row.next_contact_at}
        for row in BadEnd.objects.filter(treatment__patient=patient).order_by("at")
    ]
    called = [
        {"We called": row.at, "What came of it": _TRIED[Tried(row.tried)]}
        for row in ContactCall.objects.filter(treatment__patient=patient).order_by("at", "pk")
    ]
    about = "How you left, and the calls after it. What staff wrote is in their record. You can ask for it."
    return [Section("leaving", "Leaving the clinic", about, [*left, *ended, *called], order=42)]
