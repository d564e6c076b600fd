"""What is on record and what is open when a patient leaves, for the page that completes it and for the one that decides."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from accounts.models import Clinic, Patient, StaffMember
from accounts.states import Role
from clinic.queries.care import ItemRow, item_list, met_words, stay_words
from clinic.queries.items import ticks_of
from clinic.queries.ride_words import RideMark, ride_mark
from pickup.queries import met_link, rides
from timeline.models import Treatment
from timeline.phases import HOURS
from timeline.queries import readings_of

# The last page asks for these itself.
_ASKED_HERE = ("medicines", "next_contact")


@dataclass(frozen=True, slots=True)
class DischargePage:
    """Before leaving: the items that are done, those that are open, and whether the door word was right.

    `blocking` are the required ones that the page itself does not ask for; `missing` are all of the required ones.
    """

    treatment_id: UUID
    patient: Patient
    stay: str
    done: tuple[ItemRow, ...]
    open: tuple[ItemRow, ...]
    blocking: tuple[ItemRow, ...]
    missing: tuple[ItemRow, ...]
    is_met: bool
    met: str
    ride: RideMark
    medicines: str
    next_contact_at: datetime

    @property
    def is_complete(self) -> bool:
        """Whether nothing is in the way of a plain discharge."""
        return self.is_met and not self.blocking

    @property
    def seen(self) -> str:
        """The keys of what is open, as the form of a decision carries them."""
        return " ".join(row.key for row in self.missing)


def discharge_page(treatment: Treatment, *, clinic: Clinic, at: datetime) -> DischargePage:
    """Five queries."""
    zone = ZoneInfo(clinic.zone)
    ticks, met = ticks_of(treatment), met_link(treatment)
    rows = item_list(treatment, "discharge", ticks, readings_of(treatment), met, clinic=clinic, at=at).rows
    kinds = {item.key: item.kind for item in treatment.lists.discharge}
    missing = tuple(row for row in rows if row.required and not row.is_done and kinds[row.key] != "next_contact")
    medicines = next((ticks[key].note for key, kind in kinds.items() if kind == "medicines" and key in ticks), "")
    return DischargePage(
        treatment_id=treatment.pk,
        patient=treatment.patient,
        stay=stay_words(treatment, clinic, at=at),
        done=tuple(row for row in rows if row.is_done),
        open=tuple(row for row in rows if not row.is_done and kinds[row.key] not in _ASKED_HERE),
        blocking=tuple(row for row in missing if kinds[row.key] != "medicines"),
        missing=missing,
        is_met=met is not None,
        met=met_words(met, zone=zone, at=at),
        ride=ride_mark(rides([treatment])[treatment.pk], treatment, zone=zone, at=at),
        medicines=medicines,
        next_contact_at=max((treatment.hour_zero or at) + timedelta(hours=HOURS), at + timedelta(hours=1)),
    )


def clinicians(clinic: Clinic) -> list[StaffMember]:
    """Those of this clinic who may decide with something open. One query."""
    return list(StaffMember.objects.filter(clinic=clinic, role=Role.CLINICIAN, is_active=True).order_by("name"))
