"""What staff do in one go to more than one app."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import Patient, StaffMember
from accounts.services import add_patient
from timeline.models import ProtocolVersion
from timeline.services import plan_treatment


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
