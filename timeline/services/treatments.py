"""What changes a treatment. Each function owns its transaction and leaves a line in the audit trail."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q

from accounts.models import Patient, StaffMember
from accounts.services import record
from aftercare.state import AlreadyMoved
from timeline.models import ProtocolVersion, Treatment
from timeline.services.versions import VersionNotUsable
from timeline.signals import hour_zero_set, treatment_stopped
from timeline.states import BAD_ENDINGS, BadEnding, TreatmentState, VersionState

# A treatment is looked back at for this long after hour 0, then it is closed.
CLOSES_AFTER = timedelta(hours=48)
LONGEST_TREATMENT = timedelta(hours=12)


class TreatmentOpen(Exception):
    """The patient has a treatment that is not over."""


class TimeNotPossible(Exception):
    """The time is in the future, before the start, or too long after it."""


def plan_treatment(
    patient: Patient, *, version: ProtocolVersion, planned_for: datetime, by: StaffMember, at: datetime
) -> Treatment:
    """Assigns a protocol and a visit time. Raises VersionNotUsable, TreatmentOpen."""
    if version.state != VersionState.PUBLISHED or not (version.is_signed or by.clinic.is_demo):
        raise VersionNotUsable("This protocol can't be used. A clinician has to sign and publish it first.")
    try:
        with transaction.atomic():
            treatment = Treatment.objects.create(
                clinic_id=patient.clinic_id,
                patient=patient,
                protocol_version=version,
                state=TreatmentState.PLANNED,
                planned_for=planned_for,
                zone=patient.zone,
                quiet_starts_at=patient.quiet_starts_at,
                quiet_ends_at=patient.quiet_ends_at,
                planned_by=by,
                planned_at=at,
                changed_at=at,
            )
            record("treatment_planned", on=treatment, at=at, by=by, facts={"version": str(version.pk)})
            return treatment
    except IntegrityError as error:
        if "treatment_one_planned" not in str(error):
            raise
        raise TreatmentOpen("This patient has a planned visit. Cancel it first.") from None


def start_treatment(treatment: Treatment, *, by: StaffMember, at: datetime) -> Treatment:
    """The drip, the injection or the first device begins. For SPRAVATO this is hour 0.

    The patient's last visit is closed if its 24 hours are over; else raises TreatmentOpen. Raises AlreadyMoved.
    """
    values: dict[str, Any] = {"started_at": at, "started_by": by}
    try:
        with transaction.atomic():
            close_finished(at=at, after=timedelta(hours=24), patient=treatment.patient)
            return _move(
                treatment, to=TreatmentState.IN_TREATMENT, by=by, at=at, hour_zero_at={"first_device": at}, **values
            )
    except IntegrityError as error:
        if "treatment_one_under_way" not in str(error):
            raise
        raise TreatmentOpen("The 24 hours of this patient's last visit are not over.") from None


def end_treatment(treatment: Treatment, *, by: StaffMember, at: datetime) -> Treatment:
    """The dosing is over. For IV and IM this is hour 0."""
    values: dict[str, Any] = {"ended_at": at, "ended_by": by}
    return _move(treatment, to=TreatmentState.RECOVERING, by=by, at=at, hour_zero_at={"treatment_end": at}, **values)


def discharge_treatment(treatment: Treatment, *, by: StaffMember, at: datetime) -> Treatment:
    """Staff recorded that the patient left the clinic. The app never decides it."""
    return _move(treatment, to=TreatmentState.DISCHARGED, by=by, at=at, discharged_at=at, discharged_by=by)


def cancel_treatment(treatment: Treatment, *, by: StaffMember, at: datetime) -> Treatment:
    """The visit does not take place."""
    return _move(treatment, to=TreatmentState.CANCELLED, by=by, at=at, stops=True, cancelled_at=at, cancelled_by=by)


def end_badly(treatment: Treatment, *, reason: BadEnding, by: StaffMember, at: datetime) -> Treatment:
    """Stopped early, sent to hospital or left against advice: nothing cheerful is sent any more, from this moment."""
    values: dict[str, Any] = {"ended_badly_at": at, "ended_badly_by": by, "ended_badly_reason": reason}
    return _move(treatment, to=TreatmentState.ENDED_BADLY, by=by, at=at, stops=True, **values)


def correct_hour_zero(
    treatment: Treatment, *, hour_zero: datetime, seen_plan: int, by: StaffMember, at: datetime
) -> Treatment:
    """Moves hour 0, and with it every prompt that was not sent, in one transaction.

    `seen_plan` is the plan_number that the person saw: somebody else's correction in between raises AlreadyMoved.
    Raises TimeNotPossible.
    """
    if hour_zero > at:
        raise TimeNotPossible("This time is still to come. Type a time that has passed.")
    if treatment.started_at is not None and not (
        treatment.started_at - LONGEST_TREATMENT <= hour_zero <= treatment.started_at + LONGEST_TREATMENT
    ):
        raise TimeNotPossible("This time is more than 12 hours away from the start of the visit.")
    with transaction.atomic():
        column = "started_at" if treatment.document.hour_zero == "first_device" else "ended_at"
        values: dict[str, Any] = {column: hour_zero}
        if column == "ended_at" and treatment.started_at and hour_zero < treatment.started_at:
            values["started_at"] = hour_zero
        moved = Treatment.objects.filter(
            pk=treatment.pk,
            plan_number=seen_plan,
            state__in=(TreatmentState.IN_TREATMENT, TreatmentState.RECOVERING, TreatmentState.DISCHARGED),
            hour_zero__isnull=False,
        ).update(hour_zero=hour_zero, plan_number=seen_plan + 1, changed_at=at, **values)
        treatment.refresh_from_db()
        if not moved:
            raise AlreadyMoved(
                "Somebody else changed this visit while you were typing. Look at it once more.",
                happened_at=treatment.changed_at,
            )
        record("hour_zero_corrected", on=treatment, at=at, by=by, facts={"hour_zero": hour_zero.isoformat()})
        hour_zero_set.send(Treatment, treatment=treatment, at=at)
        return treatment


def close_finished(*, at: datetime, after: timedelta = CLOSES_AFTER, patient: Patient | None = None) -> int:
    """Closes treatments whose hour 0 or bad end is longer ago than `after`. Returns how many."""
    long_ago = at - after
    over = Treatment.objects.filter(Q(hour_zero__lt=long_ago) | Q(ended_badly_at__lt=long_ago))
    if patient:
        over = over.filter(patient=patient)
    return over.move(to=TreatmentState.CLOSED, closed_at=at, changed_at=at)


def _move(
    treatment: Treatment,
    *,
    to: TreatmentState,
    by: StaffMember,
    at: datetime,
    hour_zero_at: Mapping[str, datetime] | None = None,
    stops: bool = False,
    **values: Any,
) -> Treatment:
    """One step of a treatment's life. Raises AlreadyMoved with who was first and when."""
    hour_zero = (hour_zero_at or {}).get(treatment.document.hour_zero)
    if hour_zero:
        values |= {"hour_zero": hour_zero, "plan_number": treatment.plan_number + 1}
    with transaction.atomic():
        moved = Treatment.objects.filter(pk=treatment.pk).move(to=to, changed_at=at, **values)
        treatment.refresh_from_db()
        if not moved:
            raise AlreadyMoved(last_change(treatment), happened_at=treatment.changed_at)
        record(f"treatment_{to}", on=treatment, at=at, by=by)
        if hour_zero:
            hour_zero_set.send(Treatment, treatment=treatment, at=at)
        if stops:
            treatment_stopped.send(Treatment, treatment=treatment, at=at)
        return treatment


def last_change(treatment: Treatment) -> str:
    """Who brought a treatment into its state: for the person who came second."""
    deeds = {
        TreatmentState.PLANNED: ("planned this visit", treatment.planned_by),
        TreatmentState.IN_TREATMENT: ("started this visit", treatment.started_by),
        TreatmentState.RECOVERING: ("ended this treatment", treatment.ended_by),
        TreatmentState.DISCHARGED: ("recorded that the patient left", treatment.discharged_by),
        TreatmentState.CANCELLED: ("cancelled this visit", treatment.cancelled_by),
        TreatmentState.ENDED_BADLY: (
            f"ended this visit: {BAD_ENDINGS.get(BadEnding(treatment.ended_badly_reason), '')}"
            if treatment.ended_badly_reason
            else "ended this visit",
            treatment.ended_badly_by,
        ),
    }
    deed, who = deeds.get(TreatmentState(treatment.state), ("closed this visit", None))
    return f"{who or 'The app'} {deed}."
