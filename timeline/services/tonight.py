"""Where the patient is tonight and whom to ask there: what staff need who answer an alert."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import Patient, StaffMember
from accounts.queries import last_change
from accounts.services import record
from aftercare.state import AlreadyMoved
from timeline.models import Treatment
from timeline.queries.set_up_parts import TONIGHT_RECORDED
from timeline.services.treatments import moved_already
from timeline.states import UNDER_WAY, TreatmentState

# From the plan until the 24 hours are looked back at.
TONIGHT_WHILE = (TreatmentState.PLANNED, *UNDER_WAY)
FIELDS = ("tonight_at", "second_contact", "second_phone", "is_alone_tonight", "has_cuff")


def record_tonight(
    treatment: Treatment,
    *,
    tonight_at: str,
    second_contact: str,
    second_phone: str,
    is_alone_tonight: bool | None,
    has_cuff: bool,
    seen: int,
    by: StaffMember | Patient,
    at: datetime,
) -> Treatment:
    """Replaces what is on record. `second_phone` is stored as +15550100142 or ""; None: nobody has asked who is there.

    `seen` is the id of the last change that the person saw, 0 for none: somebody else's since then raises AlreadyMoved,
    and so does a visit that is over.
    """
    values = {
        "tonight_at": tonight_at,
        "second_contact": second_contact,
        "second_phone": second_phone,
        "is_alone_tonight": is_alone_tonight,
        "has_cuff": has_cuff,
    }
    with transaction.atomic():
        locked = Treatment.objects.select_for_update().get(pk=treatment.pk)
        if locked.state not in TONIGHT_WHILE:
            raise moved_already(locked)
        change = last_change(locked, TONIGHT_RECORDED)
        if change and change.id != seen:
            raise AlreadyMoved(f"{change.they} changed this meanwhile.", happened_at=change.at, by=change.by)
        facts = {
            "changed": [name for name in FIELDS if getattr(locked, name) != values[name]],
            "alone": is_alone_tonight,
            "cuff": has_cuff,
        }
        Treatment.objects.filter(pk=locked.pk).update(**values)
        record(TONIGHT_RECORDED, on=locked, at=at, by=by, facts=facts)
    treatment.refresh_from_db(fields=FIELDS)
    return treatment
