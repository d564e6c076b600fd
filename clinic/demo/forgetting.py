"""Takes away what the app itself may only add to: what the demo's people answered, and what staff said on calls."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.db import connections

from aftercare.tenancy import current_clinic_id, tenant
from alerts.models import Alert
from checkin.models import CheckIn, SilentStep

# Only the owner of the tables may: the runtime role has no right to.
OWNER = "owner"


def forget_check_ins(patient_ids: Collection[UUID]) -> None:
    """Check-ins and alerts of these patients, with all that hangs on them. In the clinic that is open."""
    has_any = any(rows.objects.filter(patient__in=patient_ids).exists() for rows in (CheckIn, Alert))
    if not has_any:
        return
    with tenant(current_clinic_id(), using=OWNER):
        for rows in (Alert, CheckIn):
            rows.objects.using(OWNER).filter(patient__in=patient_ids).delete()
        SilentStep.objects.using(OWNER).filter(treatment__patient__in=patient_ids).delete()
    connections[OWNER].close()
