"""The patient's zone and quiet hours."""

from __future__ import annotations

from datetime import datetime, time

from django.db import transaction

from accounts.models import Patient
from accounts.services import record
from timeline.models import Treatment
from timeline.states import TreatmentState

# Prompts are planned at hour 0, from the treatment: what has none yet follows the patient.
_FOLLOWS = (TreatmentState.PLANNED, TreatmentState.IN_TREATMENT)


def set_clock(patient: Patient, *, zone: str, quiet_starts_at: time, quiet_ends_at: time, at: datetime) -> None:
    """What the patient picked holds for them, and for a visit whose hour 0 is still to come; never for one that runs."""
    clock = {"zone": zone, "quiet_starts_at": quiet_starts_at, "quiet_ends_at": quiet_ends_at}
    with transaction.atomic():
        Patient.objects.filter(pk=patient.pk).update(**clock)
        Treatment.objects.filter(patient=patient, hour_zero=None, state__in=_FOLLOWS).update(**clock)
        quiet = [f"{quiet_starts_at:%H:%M}", f"{quiet_ends_at:%H:%M}"]
        record("clock_set", on=patient, at=at, by=patient, facts={"zone": zone, "quiet": quiet})
    patient.refresh_from_db(fields=list(clock))
