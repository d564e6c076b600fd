"""How a visit ends: the discharge with its record, or a bad end with what was said. Staff decide; the app records it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from accounts.models import StaffMember
from accounts.services import record
from accounts.states import Role
from clinic.models import BadEnd, Discharge
from clinic.queries.items import open_at_door, ticks_of
from clinic.services.care import drop_tick, hold, put_tick
from pickup.queries import met_link
from timeline import services
from timeline.models import Treatment
from timeline.services import moved_already
from timeline.states import BadEnding, TreatmentState
from timeline.visit_lists import StaffItem


class StillOpen(Exception):
    """Something that is required is open, or the door word is missing. `items` are open, `is_met` says whether it is not."""

    def __init__(self, items: tuple[StaffItem, ...], *, is_met: bool) -> None:
        super().__init__("Something is still open.")
        self.items, self.is_met = items, is_met


class NothingOpen(Exception):
    """There is nothing to decide: every required item is ticked by now, and the door word was right."""


class NotAClinician(Exception):
    """Only an active clinician of this clinic decides with something open."""


@dataclass(frozen=True, slots=True)
class Decision:
    """A clinician's, with something open. `seen` are the keys of the open items that the person read.

    Without the door word `door` is OTHER, with the name of whom the patient left with, or NOBODY.
    """

    clinician: StaffMember
    reason: str
    door: Discharge.Door
    with_whom: str
    seen: Collection[str]


def complete_discharge(
    treatment: Treatment,
    *,
    medicines: str,
    next_contact_at: datetime,
    by: StaffMember,
    at: datetime,
    decision: Decision | None = None,
) -> Discharge:
    """Records that the patient left, and how. Everything is looked at again here, with the visit locked.

    `medicines`: what was said of those for tonight; "" in a decision takes back the tick that stood on its page.
    Without a `decision` every required item
    has to be ticked and the door word right: else raises StillOpen. With one, what it names may be open, and nothing else.
    Raises NotAClinician, NothingOpen for a decision that is not needed, and AlreadyMoved when a colleague was first.
    """
    with transaction.atomic():
        locked = hold(treatment)
        if locked.state != TreatmentState.RECOVERING:
            raise moved_already(locked)
        medicines = _tick_what_was_said(locked, medicines=medicines, decision=decision, by=by, at=at)
        items, is_met = open_at_door(locked, at=at)
        _check(items, is_met=is_met, decision=decision, is_emptied=not medicines, by=by)
        link = met_link(locked)
        discharged = services.discharge_treatment(locked, by=by, at=at)
        made: Discharge = Discharge.objects.create(
            clinic_id=locked.clinic_id,
            treatment=discharged,
            at=at,
            by=by,
            door=Discharge.Door.WORD if link or decision is None else decision.door,
            with_whom=(link.said_name or link.name) if link else decision.with_whom if decision else "",
            open_items=[item.key for item in items],
            clinician=decision.clinician if decision else None,
            reason=decision.reason if decision else "",
            medicines=medicines,
            next_contact_at=next_contact_at,
        )
        record("discharge_recorded", on=made, at=at, by=by, facts=_facts(made))
    treatment.refresh_from_db()
    return made


def end_visit_badly(
    treatment: Treatment,
    *,
    reason: BadEnding,
    said: str,
    went_to: str,
    is_escort_told: bool | None,
    next_contact_at: datetime | None,
    by: StaffMember,
    at: datetime,
) -> Treatment:
    """Stopped early, sent to hospital or left against advice: nothing cheerful leaves any more. Raises AlreadyMoved.

    The escort's link goes on: somebody still brings them home, or comes along.
    """
    with transaction.atomic():
        ended = services.end_badly(treatment, reason=reason, by=by, at=at)
        made = BadEnd.objects.create(
            clinic_id=ended.clinic_id,
            treatment=ended,
            at=at,
            by=by,
            said=said,
            went_to=went_to,
            is_escort_told=is_escort_told,
            next_contact_at=next_contact_at,
        )
        facts = {"treatment": str(ended.pk), "escort_told": is_escort_told, "next_contact_at": _iso(next_contact_at)}
        record("bad_end_recorded", on=made, at=at, by=by, facts=facts)
        return ended


def _tick_what_was_said(
    treatment: Treatment, *, medicines: str, decision: Decision | None, by: StaffMember, at: datetime
) -> str:
    """The last page asks for these two, so that nobody has to tick them as well. Returns what is on record of the medicines.

    Typed anew, that stands in the tick's place; taken out of the page, the tick goes. A tick that was not on the page stays.
    """
    on_record = medicines
    for item in treatment.lists.discharge:
        if item.kind == "next_contact":
            put_tick(treatment, key=item.key, note="", by=by, at=at)
        elif item.kind == "medicines":
            ticked = ticks_of(treatment).get(item.key)
            if ticked and not medicines and (decision is None or item.key in decision.seen):
                on_record = ticked.note
            elif ticked and ticked.note != medicines:
                drop_tick(ticked, by=by, at=at)
            if medicines:
                put_tick(treatment, key=item.key, note=medicines, by=by, at=at)
    return on_record


def _check(
    items: tuple[StaffItem, ...], *, is_met: bool, decision: Decision | None, is_emptied: bool, by: StaffMember
) -> None:
    """`is_emptied`: who decides left the medicines out, and so knows that their item is open."""
    if decision is None:
        if items or not is_met:
            raise StillOpen(items, is_met=is_met)
        return
    if not items and is_met:
        raise NothingOpen("By now everything is on record. No clinician has to decide.")
    unseen = {item.key for item in items if not (is_emptied and item.kind == "medicines")} - set(decision.seen)
    if unseen or (decision.door == Discharge.Door.WORD and not is_met):
        raise StillOpen(items, is_met=is_met)
    clinician = decision.clinician
    if clinician.role != Role.CLINICIAN or not clinician.is_active or clinician.clinic_id != by.clinic_id:
        raise NotAClinician("Pick a clinician of this clinic.")


def _facts(made: Discharge) -> dict[str, object]:
    return {
        "treatment": str(made.treatment_id),
        "open": made.open_items,
        "door": made.door,
        "clinician": str(made.clinician_id) if made.clinician_id else None,
        "next_contact_at": _iso(made.next_contact_at),
    }


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
