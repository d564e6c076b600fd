"""What the demo's staff ticked and measured, who picked up, and how those who left were discharged."""

from __future__ import annotations

from datetime import datetime, timedelta

from accounts.models import Escort, StaffMember
from accounts.services import name_escort, pickup_key
from clinic.models import Discharge, DischargeItem
from clinic.services import complete_discharge, meet_escort
from pickup.door import door_word
from pickup.models import PickupLink
from pickup.services import make_link
from timeline.models import Treatment
from timeline.services import add_vital_signs
from timeline.states import VitalMoment
from timeline.visit_lists import StaffItem

# Who drives is of the family; the numbers are of the range that is kept free for stories.
DRIVERS, NUMBER = ("Ana", "Rosa", "Ben", "Jo", "Leo"), "+1212555015{}"
LINES = {
    "given_by": "Dana Reyes, RN",
    "length": "40",
    "devices_planned": "2",
    "anti_sickness": "Ondansetron 4 mg, Dana Reyes",
}
CALLED_AFTER = timedelta(hours=1)


def measured(visit: Treatment, *, by: StaffMember, began_at: datetime, until: datetime) -> None:
    """A reading before, one at 40 minutes and one before leaving, as far as the visit has come by `until`."""
    readings = (
        (VitalMoment.BEFORE, 118, 76, 71, -5),
        (VitalMoment.AT_40, 134, 86, 78, 40),
        (VitalMoment.LEAVING, 124, 80, 72, 112),
    )
    for moment, top, bottom, pulse, minutes in readings:
        at = began_at + timedelta(minutes=minutes)
        if at <= until:
            numbers = {"systolic": top, "diastolic": bottom, "pulse": pulse, "oxygen": 98}
            add_vital_signs(visit, moment=moment, taken_at=at, by=by, at=at, **numbers)


def ticked(visit: Treatment, items: tuple[StaffItem, ...], *, by: StaffMember, at: datetime) -> None:
    """All of these, a minute apart, the last one at `at`. In one statement: the demo begins anew at each start."""
    keys = [item.key for item in items if item.kind not in {"escort", "next_contact"}]
    rows = (
        DischargeItem(
            clinic_id=visit.clinic_id,
            treatment=visit,
            key=key,
            note=LINES.get(key, "None besides the usual" if key == "medicines" else ""),
            done_at=at - timedelta(minutes=len(keys) - number - 1),
            done_by=by,
        )
        for number, key in enumerate(keys)
    )
    DischargeItem.objects.bulk_create(rows)


def a_ride(visit: Treatment, *, by: StaffMember, at: datetime) -> PickupLink:
    """Somebody who drives, the one who is named or a made-up one, with a link for this visit."""
    driver = Escort.objects.filter(patient=visit.patient, task=Escort.Task.DRIVES, ended_at=None).first()
    if driver is None:
        number = len(visit.patient.first_name + visit.patient.last_name) % len(DRIVERS)
        name, phone = f"{DRIVERS[number]} {visit.patient.last_name}", NUMBER.format(number)
        driver = name_escort(visit.patient, task=Escort.Task.DRIVES, name=name, phone=phone, by=by, at=at)
    return make_link(visit, escort=driver, by=by, at=at)


def left(visit: Treatment, *, by: StaffMember, began_at: datetime, at: datetime, now: datetime) -> Treatment:
    """Everything ticked, measured and said, the escort met by the door word, and the patient gone. `began_at`: the start."""
    lists = visit.lists
    for items, minutes in ((lists.during, 80), (lists.recovering, 30), (lists.discharge, 2)):
        ticked(visit, items, by=by, at=at - timedelta(minutes=minutes))
    link = a_ride(visit, by=by, at=began_at - timedelta(days=1))
    word = door_word(pickup_key(link.token), link=str(link.pk))
    meet_escort(visit, word=word, by=by, at=at - timedelta(minutes=1))
    hour_zero = visit.hour_zero or began_at
    made = complete_discharge(
        visit, medicines="None besides the usual", next_contact_at=hour_zero + timedelta(hours=24), by=by, at=at
    )
    called_at = hour_zero + timedelta(hours=24, minutes=20)
    if called_at < now - CALLED_AFTER * 12:
        Discharge.objects.filter(pk=made.pk).update(called_at=called_at, called_by=by)
    return visit


def recovers(visit: Treatment, *, by: StaffMember, began_at: datetime, at: datetime) -> None:
    """In the middle of it: some is ticked, and the last reading is to come."""
    lists = visit.lists
    ticked(visit, lists.during, by=by, at=at - timedelta(minutes=45))
    ticked(visit, lists.recovering[:3], by=by, at=at - timedelta(minutes=12))
    ticked(
        visit,
        tuple(i for i in lists.discharge if i.key in {"breathing", "needle"}),
        by=by,
        at=at - timedelta(minutes=4),
    )
    measured(visit, by=by, began_at=began_at, until=at)


def begins(visit: Treatment, *, by: StaffMember, began_at: datetime) -> None:
    """Under way: a few items, and the reading from before."""
    first = tuple(item for item in visit.lists.during if item.key in {"quiet_room", "length", "pressure_first"})
    ticked(visit, first, by=by, at=began_at + timedelta(minutes=4))
    measured(visit, by=by, began_at=began_at, until=began_at)
