"""What changes a treatment. Each function owns its transaction and leaves a line in the audit trail."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q

from accounts.models import AuditEvent, Patient, StaffMember
from accounts.queries import last_change
from accounts.services import record
from aftercare.state import AlreadyMoved
from timeline.models import ProtocolVersion, Treatment
from timeline.queries.readings import is_before_end_of_stay
from timeline.queries.visits import needs_assessment
from timeline.services.versions import VersionNotUsable
from timeline.signals import hour_zero_set, treatment_stopped
from timeline.states import AT_CLINIC, BAD_ENDINGS, UNDER_WAY, BadEnding, TreatmentState, VersionState

# A treatment is looked back at for this long after hour 0, then it is closed.
CLOSES_AFTER = timedelta(hours=48)
LONGEST_TREATMENT = timedelta(hours=12)
# Said or corrected from the start until the 24 hours are looked back at: as long as it changes what is read.
GIVEN_RECORDED = "given_recorded"
# The patient chose something about their messages, and what waits was planned anew.
PLAN_CHANGED = "plan_changed"
GIVEN_WHILE = (TreatmentState.IN_TREATMENT, TreatmentState.RECOVERING, TreatmentState.DISCHARGED)


class TreatmentOpen(Exception):
    """The patient has a treatment that is not over."""


class TimeNotPossible(Exception):
    """The time is in the future, before the start, or too long after it."""


class GivenMeanwhile(AlreadyMoved):
    """Somebody else has said what was given since the person looked."""


class AssessmentMissing(Exception):
    """Nobody has put on record that the patient was assessed before the first treatment."""


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

    The patient's last visit is closed if its 24 hours are over; else raises TreatmentOpen. Raises AssessmentMissing
    before a first treatment, and AlreadyMoved.
    """
    if treatment.state == TreatmentState.PLANNED and needs_assessment(treatment):
        raise AssessmentMissing("This patient was not assessed yet. Record the assessment before the first treatment.")
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
        is_forgotten = Treatment.objects.filter(patient=treatment.patient, state=TreatmentState.IN_TREATMENT).exists()
        raise TreatmentOpen(
            "The last visit of this patient was never ended. End that one first."
            if is_forgotten
            else "The 24 hours of this patient's last visit are not over."
        ) from None


def end_treatment(
    treatment: Treatment,
    *,
    by: StaffMember,
    at: datetime,
    ended_at: datetime | None = None,
    given: Collection[str] | None = None,
    seen: int = 0,
) -> Treatment:
    """The dosing is over, now or at `ended_at`. For IV and IM this is hour 0. Raises AlreadyMoved, TimeNotPossible.

    `given` are the flags of what was given besides (see timeline/facts.py); None leaves that as it is. Who says something
    else than what came on record after `seen` (see record_given) reads GivenMeanwhile, and the treatment has not ended.
    """
    moment = ended_at or at
    if moment > at:
        raise TimeNotPossible("This time is still to come. Type a time that has passed.")
    began_at = treatment.started_at if treatment.state == TreatmentState.IN_TREATMENT else None
    if began_at and not began_at <= moment <= began_at + LONGEST_TREATMENT:
        raise TimeNotPossible(
            "Type a time after the start, and at most 12 hours after it. Was the start noted late? Then end it now, "
            "and correct hour 0."
        )
    values: dict[str, Any] = {"ended_at": moment, "ended_by": by}
    with transaction.atomic():
        ended = _move(
            treatment, to=TreatmentState.RECOVERING, by=by, at=at, hour_zero_at={"treatment_end": moment}, **values
        )
        if given is None or ended.given == sorted(given):
            return ended
        if ended.given is not None:
            _raise_if_changed(ended, seen=seen)
        return _set_given(ended, given, by=by, at=at)


def record_given(
    treatment: Treatment, *, given: Collection[str] | None, seen: int, by: StaffMember, at: datetime
) -> Treatment:
    """What was given besides: empty for nothing of the list, None where nobody knows.

    `seen` is the id of the last change that the person saw, 0 for none: somebody else's since then raises GivenMeanwhile.
    Raises AlreadyMoved once there is nothing left to say.
    """
    with transaction.atomic():
        locked: Treatment = Treatment.objects.select_for_update().get(pk=treatment.pk)
        if locked.state not in GIVEN_WHILE:
            raise moved_already(locked)
        _raise_if_changed(locked, seen=seen)
        return _set_given(locked, given, by=by, at=at)


def _raise_if_changed(treatment: Treatment, *, seen: int) -> None:
    change = last_change(treatment, GIVEN_RECORDED)
    if change and change.id != seen:
        raise GivenMeanwhile(f"{change.who} said meanwhile what was given.", happened_at=change.at, by=change.by)


def _set_given(treatment: Treatment, given: Collection[str] | None, *, by: StaffMember, at: datetime) -> Treatment:
    was, treatment.given, treatment.changed_at = treatment.given, None if given is None else sorted(given), at
    treatment.save(update_fields=["given", "changed_at"])
    record(GIVEN_RECORDED, on=treatment, at=at, by=by, facts={"given": treatment.given, "was": was})
    return treatment


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
        was = {"hour_zero": treatment.hour_zero, "started_at": treatment.started_at, "ended_at": treatment.ended_at}
        # The other end of the treatment moves along where it would come before the start, or after the end.
        if column == "ended_at" and treatment.started_at and hour_zero < treatment.started_at:
            values["started_at"] = hour_zero
        if column == "started_at" and treatment.ended_at and hour_zero > treatment.ended_at:
            values["ended_at"] = hour_zero
        moved = Treatment.objects.filter(
            pk=treatment.pk,
            plan_number=seen_plan,
            state__in=(TreatmentState.IN_TREATMENT, TreatmentState.RECOVERING, TreatmentState.DISCHARGED),
            hour_zero__isnull=False,
        ).update(hour_zero=hour_zero, plan_number=seen_plan + 1, changed_at=at, **values)
        treatment.refresh_from_db()
        if not moved:
            raise _last_correction(treatment) or moved_already(treatment)
        facts = {"hour_zero": hour_zero, **{f"was_{name}": moment for name, moment in was.items()}}
        record("hour_zero_corrected", on=treatment, at=at, by=by, facts=_written(facts))
        _forget_ready(treatment, by=by, at=at)
        hour_zero_set.send(Treatment, treatment=treatment, at=at)
        return treatment


def _forget_ready(treatment: Treatment, *, by: StaffMember, at: datetime) -> None:
    """The escort is not told a time that lies before the end of the shortest stay."""
    was = treatment.ready_at
    if was and is_before_end_of_stay(treatment, was, clinic=by.clinic) and treatment.state in AT_CLINIC:
        treatment.ready_at = None
        treatment.save(update_fields=["ready_at"])
        record("ready_set", on=treatment, at=at, by=by, facts={"ready_at": None, "was": was.isoformat()})


def close_finished(*, at: datetime, after: timedelta = CLOSES_AFTER, patient: Patient | None = None) -> int:
    """Closes treatments whose hour 0, bad end or start without an end is longer ago than `after`. Returns how many."""
    long_ago = at - after
    forgotten = Q(hour_zero=None, ended_badly_at=None, started_at__lt=long_ago)
    over = Treatment.objects.filter(
        Q(hour_zero__lt=long_ago) | Q(ended_badly_at__lt=long_ago) | forgotten, state__in=UNDER_WAY
    )
    if patient:
        over = over.filter(patient=patient)
    closed = 0
    for treatment in over.select_for_update(skip_locked=True):
        if Treatment.objects.filter(pk=treatment.pk).move(to=TreatmentState.CLOSED, closed_at=at, changed_at=at):
            record("treatment_closed", on=treatment, at=at, by=None)
            closed += 1
    return closed


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
            raise moved_already(treatment)
        record(f"treatment_{to}", on=treatment, at=at, by=by)
        if hour_zero:
            hour_zero_set.send(Treatment, treatment=treatment, at=at)
        if stops:
            treatment_stopped.send(Treatment, treatment=treatment, at=at)
        return treatment


def moved_already(treatment: Treatment) -> AlreadyMoved:
    """Who brought a treatment into its state, and when: for the person who came second."""
    reason = treatment.ended_badly_reason and BAD_ENDINGS[BadEnding(treatment.ended_badly_reason)]
    deed, verb = {
        TreatmentState.PLANNED: ("planned this visit", "planned"),
        TreatmentState.IN_TREATMENT: ("started this visit", "started"),
        TreatmentState.RECOVERING: ("ended this treatment", "ended"),
        TreatmentState.DISCHARGED: ("recorded that the patient left", "discharged"),
        TreatmentState.CANCELLED: ("cancelled this visit", "cancelled"),
        TreatmentState.ENDED_BADLY: (f"ended this visit: {reason}", "ended_badly"),
        TreatmentState.CLOSED: ("closed this visit", "closed"),
    }[TreatmentState(treatment.state)]
    who: StaffMember | None = getattr(treatment, f"{verb}_by", None)
    moment: datetime | None = getattr(treatment, f"{verb}_at")
    return AlreadyMoved(f"{who or 'The app'} {deed}.", happened_at=moment, by=who.pk if who else None)


def _last_correction(treatment: Treatment) -> AlreadyMoved | None:
    """Who corrected hour 0 or changed the plan last, and when; None where nobody did, or the visit has moved on since."""
    moves = Q(action__in=("hour_zero_corrected", PLAN_CHANGED)) | Q(action__startswith="treatment_")
    event = AuditEvent.objects.filter(moves, object=str(treatment.pk)).order_by("-pk").first()
    if event and event.action == PLAN_CHANGED:
        who = "The patient changed their messages" if event.actor else "Messages were planned anew"
        return AlreadyMoved(f"{who} meanwhile.", happened_at=event.at, by=event.actor)
    if event is None or event.action != "hour_zero_corrected":
        return None
    member = StaffMember.objects.filter(pk=event.actor).first() if event.actor else None
    return AlreadyMoved(f"{member or 'Somebody'} corrected hour 0 meanwhile.", happened_at=event.at, by=event.actor)


def _written(moments: Mapping[str, datetime | None]) -> dict[str, str]:
    return {name: moment.isoformat() for name, moment in moments.items() if moment}
