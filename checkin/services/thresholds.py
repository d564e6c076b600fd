"""A clinic's own thresholds of triage: each only to the safer side of what ships."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from accounts.models import Clinic, StaffMember
from accounts.services import record
from timeline.packs import read_triage
from timeline.triage_document import tightened


def set_thresholds(clinic: Clinic, *, values: Mapping[str, float], by: StaffMember, at: datetime) -> Clinic:
    """What stands from now on, for answers to come; one that equals what ships is left out. Raises UnsafeThreshold."""
    shipped = read_triage().values()
    tightened(read_triage(), values)
    own = {key: value for key, value in values.items() if value != shipped[key]}
    with transaction.atomic():
        locked: Clinic = Clinic.objects.select_for_update(no_key=True).get(pk=clinic.pk)
        if locked.thresholds != own:
            record("thresholds_set", on=locked, at=at, by=by, facts={"thresholds": own, "was": locked.thresholds})
            locked.thresholds = own
            locked.save(update_fields=["thresholds"])
    clinic.thresholds = own
    return clinic
