"""The record of who did what."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Model

from accounts.models import AuditEvent, Escort, Patient, StaffMember
from accounts.states import ActorKind
from aftercare.tenancy import current_clinic_id


def record(
    action: str,
    *,
    on: Model,
    at: datetime,
    by: StaffMember | Patient | Escort | None,
    facts: dict[str, Any] | None = None,
) -> AuditEvent:
    """Adds one line to the clinic's audit trail. `facts` holds ids, codes and times, never words or names."""
    return AuditEvent.objects.create(
        clinic_id=current_clinic_id(),
        at=at,
        actor_kind=actor_kind(by),
        actor=by.pk if by else None,
        action=action,
        object_kind=on._meta.model_name or "",
        object=str(on.pk),
        facts=facts or {},
    )


def actor_kind(by: StaffMember | Patient | Escort | None) -> ActorKind:
    """What the trail calls whoever did something."""
    kinds: dict[type[Any], ActorKind] = {
        StaffMember: ActorKind.STAFF,
        Patient: ActorKind.PATIENT,
        Escort: ActorKind.ESCORT,
    }
    return kinds.get(type(by), ActorKind.SYSTEM)
