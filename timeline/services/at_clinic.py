"""What staff measure and say while a patient is at the clinic: readings, and when they will be ready."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from accounts.models import StaffMember
from accounts.services import record
from timeline.models import Treatment, VitalSigns
from timeline.phases import clock_words
from timeline.queries import is_before_end_of_stay, stay_ends_at
from timeline.services.treatments import TimeNotPossible, moved_already
from timeline.states import AT_CLINIC, TreatmentState, VitalMoment

# A second tap brings the same numbers within this time.
TAPPED_TWICE = timedelta(minutes=2)
READY_WITHIN = timedelta(hours=12)
# The first reading is taken before the start.
UNTIL_THE_DOOR = (TreatmentState.PLANNED, *AT_CLINIC)


def add_vital_signs(
    treatment: Treatment,
    *,
    moment: VitalMoment,
    systolic: int,
    diastolic: int,
    pulse: int | None,
    oxygen: int | None,
    taken_at: datetime,
    by: StaffMember,
    at: datetime,
) -> VitalSigns:
    """One reading (mmHg, beats a minute, percent). Nothing is written over: a later one of the same moment stands for it.

    The same numbers of the same person within TAPPED_TWICE are a second tap, and make no second row, but for another time that
    was typed (`taken_at` is not `at`). Raises AlreadyMoved
    once the patient has left, TimeNotPossible for a time to come or long past.
    """
    if taken_at > at:
        raise TimeNotPossible("This time is still to come. Type a time that has passed.")
    if taken_at < at - READY_WITHIN:
        raise TimeNotPossible("This is more than 12 hours ago. Type the time of today’s reading.")
    values = {"moment": moment, "systolic": systolic, "diastolic": diastolic, "pulse": pulse, "oxygen": oxygen}
    with transaction.atomic():
        locked = Treatment.objects.select_for_update().get(pk=treatment.pk)
        if locked.state not in UNTIL_THE_DOOR:
            raise moved_already(locked)
        newest = VitalSigns.objects.filter(treatment=locked, moment=moment).order_by("-pk").first()
        typed = values if taken_at == at else {**values, "taken_at": taken_at}
        if newest and _is_second_tap(newest, typed, by=by, at=at):
            return newest
        reading: VitalSigns = VitalSigns.objects.create(
            clinic_id=locked.clinic_id, treatment=locked, taken_at=taken_at, noted_at=at, noted_by=by, **values
        )
        record("vital_signs_added", on=reading, at=at, by=by, facts={"treatment": str(locked.pk), "moment": moment})
        return reading


def _is_second_tap(newest: VitalSigns, values: Mapping[str, Any], *, by: StaffMember, at: datetime) -> bool:
    is_just_now = newest.noted_by_id == by.pk and at - newest.noted_at < TAPPED_TWICE
    return is_just_now and all(getattr(newest, name) == value for name, value in values.items())


def set_ready(treatment: Treatment, *, ready_at: datetime | None, by: StaffMember, at: datetime) -> Treatment:
    """When the patient will be ready to leave, about; None takes it back. The escort's page shows it.

    Raises AlreadyMoved once the patient has left, TimeNotPossible: also before the shortest stay is over.
    """
    if ready_at and not at - timedelta(hours=1) <= ready_at <= at + READY_WITHIN:
        raise TimeNotPossible("Pick a time within the next 12 hours.")
    with transaction.atomic():
        locked: Treatment = Treatment.objects.select_for_update().get(pk=treatment.pk)
        if locked.state not in UNTIL_THE_DOOR:
            raise moved_already(locked)
        if ready_at and is_before_end_of_stay(locked, ready_at, clinic=by.clinic):
            ends_at = clock_words(stay_ends_at(locked, by.clinic) or at, zone=ZoneInfo(by.clinic.zone), today=at)
            raise TimeNotPossible(f"The shortest stay is over at {ends_at}. Pick a time from then on.")
        was, treatment.ready_at = locked.ready_at, ready_at
        if was != ready_at:
            Treatment.objects.filter(pk=locked.pk).update(ready_at=ready_at)
            facts = {"ready_at": ready_at and ready_at.isoformat(), "was": was and was.isoformat()}
            record("ready_set", on=locked, at=at, by=by, facts=facts)
        return treatment
