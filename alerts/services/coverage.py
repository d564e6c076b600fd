"""Who answers alerts and when, where they are reached, and what the clinic itself does at each level."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction

from accounts.models import Clinic, StaffMember
from accounts.phones import read_phone
from accounts.services import record
from alerts.ladder import FIRST
from alerts.models import OnCallShift
from alerts.queries import MAY_TAKE
from timeline.levels import LEVELS, Level

LONGEST_SHIFT = timedelta(hours=24)
LONGEST_PROCEDURE = 1000


class ShiftNotPossible(Exception):
    """Why nobody could be told in this shift."""


def add_shift(
    member: StaffMember, *, seat: int, starts_at: datetime, ends_at: datetime, by: StaffMember, at: datetime
) -> OnCallShift:
    """This person answers alerts then. Seat 0 is told first, 1 beside or after. Raises ShiftNotPossible."""
    _check_times(starts_at, ends_at, at)
    with transaction.atomic():
        # Of two who fill the same seat at once, the second sees the first.
        Clinic.objects.select_for_update(no_key=True).get(pk=member.clinic_id)
        _check_person(StaffMember.objects.get(pk=member.pk))
        meanwhile = OnCallShift.objects.filter(starts_at__lt=ends_at, ends_at__gt=starts_at)
        if other := meanwhile.filter(seat=seat).select_related("staff").first():
            raise ShiftNotPossible(f"{other.staff} is {_seat_words(seat)} at that time.")
        if meanwhile.filter(staff=member).exists():
            raise ShiftNotPossible(f"{member} is on duty at that time. Pick somebody else as the second person.")
        shift = OnCallShift.objects.create(
            clinic_id=member.clinic_id,
            staff=member,
            seat=seat,
            starts_at=starts_at,
            ends_at=ends_at,
            added_at=at,
            added_by=by,
        )
        facts = {"staff": str(member.pk), "seat": seat, "from": starts_at.isoformat(), "until": ends_at.isoformat()}
        record("shift_added", on=shift, at=at, by=by, facts=facts)
    return shift


def end_shift(shift: OnCallShift, *, by: StaffMember, at: datetime) -> OnCallShift:
    """Over from now on; one that has not begun is gone. Said twice, it is done once."""
    with transaction.atomic():
        locked = OnCallShift.objects.select_for_update(of=("self",)).filter(pk=shift.pk).first()
        if locked is None or locked.ends_at <= at:
            return locked or shift
        record("shift_ended", on=locked, at=at, by=by, facts={"until": locked.ends_at.isoformat()})
        if locked.starts_at >= at:
            OnCallShift.objects.filter(pk=locked.pk).delete()
        else:
            OnCallShift.objects.filter(pk=locked.pk).update(ends_at=at)
            locked.ends_at = at
    return locked


def set_staff_phone(member: StaffMember, *, phone: str, by: StaffMember, at: datetime) -> StaffMember:
    """Where alerts reach them; "" for nowhere. Raises ValidationError, in plain words, for what is no number."""
    stored = read_phone(phone, country=member.clinic.country_id) if phone.strip() else ""
    with transaction.atomic():
        if StaffMember.objects.filter(pk=member.pk).exclude(phone=stored).update(phone=stored):
            record("staff_phone_set", on=member, at=at, by=by, facts={"has_phone": bool(stored)})
    member.phone = stored
    return member


def set_procedures(clinic: Clinic, *, words: Mapping[str, str], by: StaffMember, at: datetime) -> Clinic:
    """What its staff do at each level, in the clinic's own words. A level that is left out or empty has none."""
    asked = {level: words.get(level, "").strip()[:LONGEST_PROCEDURE] for level in LEVELS if level != Level.ROUTINE}
    kept = {level.value: text for level, text in asked.items() if text}
    with transaction.atomic():
        if Clinic.objects.filter(pk=clinic.pk).exclude(procedures=kept).update(procedures=kept):
            record("procedures_set", on=clinic, at=at, by=by, facts={"levels": sorted(kept)})
    clinic.procedures = kept
    return clinic


def _check_times(starts_at: datetime, ends_at: datetime, at: datetime) -> None:
    if ends_at <= starts_at:
        raise ShiftNotPossible("A shift has to start before it ends.")
    if ends_at <= at:
        raise ShiftNotPossible("This shift is over already.")
    if ends_at - starts_at > LONGEST_SHIFT:
        raise ShiftNotPossible("A shift is 24 hours at most. Make two of it.")


def _check_person(member: StaffMember) -> None:
    if not member.is_active or member.role not in MAY_TAKE:
        raise ShiftNotPossible(f"{member} can't take alerts.")
    if not member.phone:
        raise ShiftNotPossible(f"{member} has no phone number for alerts. Add it first.")


def _seat_words(seat: int) -> str:
    return "the first person" if seat == FIRST else "the second person"
