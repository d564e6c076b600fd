"""Steps of a visit that touch more than one app, and the procedures that staff write."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import date, datetime
from typing import Any

from django.db import transaction

from accounts.models import Clinic, Patient, StaffMember
from accounts.queries import ASSESSMENT_RECORDED, last_change
from accounts.services import add_patient, record_assessment, revoke_tokens, withdraw_invitations
from accounts.states import TokenKind
from aftercare.state import AlreadyMoved
from alerts.services import set_procedures
from clinic.queries.duty import PROCEDURES_SET
from timeline.models import ProtocolVersion, Treatment
from timeline.services import cancel_treatment, plan_treatment, start_treatment


def add_patient_with_visit(
    *, version: ProtocolVersion, planned_for: datetime, by: StaffMember, at: datetime, **who: Any
) -> Patient:
    """A new patient and the first visit: both, or neither. `who` goes to add_patient.

    Raises RecordNumberTaken, VersionNotUsable.
    """
    with transaction.atomic():
        patient = add_patient(by=by, at=at, **who)
        plan_treatment(patient, version=version, planned_for=planned_for, by=by, at=at)
        return patient


def start_assessed(
    treatment: Treatment, *, assessed_on: date, assessed_by: str, by: StaffMember, at: datetime
) -> Treatment:
    """A first treatment with the assessment that it waited for: both, or neither. Raises what start_treatment raises."""
    with transaction.atomic():
        change = last_change(treatment.patient, ASSESSMENT_RECORDED)
        # Somebody else's that comes at this very moment is all that a start waits for.
        with suppress(AlreadyMoved):
            record_assessment(
                treatment.patient,
                assessed_on=assessed_on,
                assessed_by=assessed_by,
                seen=change.id if change else 0,
                by=by,
                at=at,
            )
        return start_treatment(treatment, by=by, at=at)


def cancel_visit(treatment: Treatment, *, by: StaffMember, at: datetime) -> Treatment:
    """The visit will not take place: nobody can be set up for it any more, and no reminder leaves. Raises AlreadyMoved."""
    with transaction.atomic():
        cancelled = cancel_treatment(treatment, by=by, at=at)
        withdraw_invitations(treatment.patient, at=at)
        revoke_tokens(treatment.patient_id, kinds=[TokenKind.SET_UP_NOTE], at=at)
        return cancelled


def write_procedures(clinic: Clinic, *, words: Mapping[str, str], seen: int, by: StaffMember, at: datetime) -> Clinic:
    """What its staff do at each level. `seen` is the id of the last change that the person saw, 0 for none.

    Somebody else's since then raises AlreadyMoved.
    """
    with transaction.atomic():
        Clinic.objects.select_for_update(no_key=True).get(pk=clinic.pk)
        change = last_change(clinic, PROCEDURES_SET)
        if change and change.id != seen:
            raise AlreadyMoved(f"{change.who} changed this meanwhile.", happened_at=change.at, by=change.by)
        return set_procedures(clinic, words=words, by=by, at=at)
