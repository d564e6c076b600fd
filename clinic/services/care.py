"""What staff tick of a visit while the patient is with them. One row a treatment is locked: a tick waits for a discharge."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import StaffMember
from accounts.services import record
from aftercare.state import AlreadyMoved
from clinic.models import DischargeItem
from clinic.queries.items import BY_HAND, item_of
from timeline.models import Treatment
from timeline.queries import readings_of, standing, stay_ends_at
from timeline.services import moved_already
from timeline.states import AT_CLINIC, VitalMoment

ITEM_UNTICKED = "item_unticked"


class ItemUnknown(Exception):
    """The protocol of this visit has no such item, or it is not ticked by hand."""


class StayNotOver(Exception):
    """The shortest stay is still running, until `ends_at`."""

    def __init__(self, ends_at: datetime | None) -> None:
        super().__init__("The shortest stay is not over.")
        self.ends_at = ends_at


class MeasuredTooLittle(Exception):
    """A reading that the pressure is compared with, or the one before leaving, is not on record yet."""


class TickedAlready(AlreadyMoved):
    """A colleague ticked the item first, or took it back and ticked it anew."""


def tick_item(treatment: Treatment, *, key: str, note: str, by: StaffMember, at: datetime) -> DischargeItem:
    """One item of the visit's lists is done. The first tick counts; the same person's second changes nothing.

    Raises ItemUnknown, StayNotOver, MeasuredTooLittle, TickedAlready for a colleague's tick, and AlreadyMoved once the
    patient has left.
    """
    with transaction.atomic():
        locked = hold(treatment)
        item = item_of(locked.lists, key)
        if item is None or item.kind not in BY_HAND:
            raise ItemUnknown
        if item.kind == "stay":
            _stay_is_over(locked, by=by, at=at)
        if item.kind == "pressure" and (missing := _not_measured(locked)):
            raise MeasuredTooLittle(f"No reading {' or '.join(missing)} is on record. Write it down first.")
        ticked, is_new = put_tick(locked, key=key, note=note, by=by, at=at)
    if not is_new and (ticked.done_by_id != by.pk or ticked.note != note):
        raise TickedAlready(f"{ticked.done_by} ticked this.", happened_at=ticked.done_at, by=ticked.done_by_id)
    return ticked


def untick_item(treatment: Treatment, *, key: str, seen: int, by: StaffMember, at: datetime) -> None:
    """A tick is taken back; the audit trail keeps whose it was and from when.

    `seen` is the id of the tick that the person saw. Taken back already, nothing happens; ticked anew since then raises
    TickedAlready. Raises ItemUnknown, and AlreadyMoved once the patient has left.
    """
    with transaction.atomic():
        locked = hold(treatment)
        if item_of(locked.lists, key) is None:
            raise ItemUnknown
        ticked = _tick_of(locked, key)
        if ticked is None:
            return
        if ticked.pk != seen:
            raise TickedAlready(f"{ticked.done_by} ticked this.", happened_at=ticked.done_at, by=ticked.done_by_id)
        drop_tick(ticked, by=by, at=at)


def hold(treatment: Treatment) -> Treatment:
    """The visit, locked, with its version. Raises AlreadyMoved unless the patient is with staff. Inside a transaction."""
    locked: Treatment = (
        Treatment.objects.select_for_update(of=("self",))
        .select_related("patient__clinic", "protocol_version")
        .defer("protocol_version__content")
        .get(pk=treatment.pk)
    )
    if locked.state not in AT_CLINIC:
        raise moved_already(locked)
    return locked


def put_tick(treatment: Treatment, *, key: str, note: str, by: StaffMember, at: datetime) -> tuple[DischargeItem, bool]:
    """The item's tick, and whether this made it. The treatment is held."""
    if ticked := _tick_of(treatment, key):
        return ticked, False
    made: DischargeItem = DischargeItem.objects.create(
        clinic_id=treatment.clinic_id, treatment=treatment, key=key, note=note, done_at=at, done_by=by
    )
    record("item_ticked", on=treatment, at=at, by=by, facts={"key": key})
    return made, True


def drop_tick(ticked: DischargeItem, *, by: StaffMember, at: datetime) -> None:
    """The treatment is held."""
    facts = {"key": ticked.key, "was_by": str(ticked.done_by_id), "was_at": ticked.done_at.isoformat()}
    record(ITEM_UNTICKED, on=ticked.treatment, at=at, by=by, facts=facts)
    ticked.delete()


def _tick_of(treatment: Treatment, key: str) -> DischargeItem | None:
    return DischargeItem.objects.filter(treatment=treatment, key=key).select_related("done_by", "treatment").first()


def _stay_is_over(treatment: Treatment, *, by: StaffMember, at: datetime) -> None:
    """Before hour 0 nothing has begun that could be over."""
    ends_at = stay_ends_at(treatment, by.clinic)
    if treatment.hour_zero is None or (ends_at and ends_at > at):
        raise StayNotOver(ends_at)


def _not_measured(treatment: Treatment) -> list[str]:
    """The moments without a reading, in words. The one before leaving is taken after hour 0."""
    readings, hour_zero = readings_of(treatment), treatment.hour_zero
    wanted = {VitalMoment.BEFORE: "before the start", VitalMoment.AT_40: "at 40 minutes"}
    if treatment.document.route != "spravato":
        del wanted[VitalMoment.AT_40]
    missing = [words for moment, words in wanted.items() if standing(readings, moment) is None]
    last = standing(readings, VitalMoment.LEAVING)
    if last is None:
        return [*missing, "before leaving"]
    return [*missing, "before leaving, after hour 0,"] if hour_zero is None or last.taken_at < hour_zero else missing
