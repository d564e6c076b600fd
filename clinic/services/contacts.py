"""What staff do after a visit: the call that was promised, and the form that goes to the program of the medicine."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.models import StaffMember
from accounts.services import record
from aftercare.state import AlreadyMoved
from alerts.states import Tried
from clinic.models import BadEnd, ContactCall, Discharge, DischargeItem
from clinic.queries.rems import REMS_FORM
from timeline.models import Treatment


def log_contact(
    treatment: Treatment, *, tried: Tried, said: str, key: UUID, by: StaffMember, at: datetime
) -> ContactCall:
    """One call after a visit, written down once however often the button is tapped: `key` is the form's.

    The first that reached the patient ends it, until a bad end sets another contact. Raises AlreadyMoved when they were
    reached before.
    """
    with transaction.atomic():
        Treatment.objects.select_for_update(no_key=True).get(pk=treatment.pk)
        calls = ContactCall.objects.filter(treatment=treatment).select_related("by")
        if same := calls.filter(key=key).first():
            return same
        after_bad_end = BadEnd.objects.filter(treatment=treatment, next_contact_at__isnull=False).exists()
        if reached := calls.filter(tried=Tried.REACHED, after_bad_end=after_bad_end).first():
            raise AlreadyMoved(f"{reached.by} had reached them.", happened_at=reached.at, by=reached.by_id)
        call = ContactCall.objects.create(
            clinic_id=treatment.clinic_id,
            treatment=treatment,
            tried=tried,
            said=said,
            at=at,
            by=by,
            key=key,
            after_bad_end=after_bad_end,
        )
        if tried == Tried.REACHED:
            for rows in (Discharge, BadEnd):
                rows.objects.filter(treatment=treatment, called_at=None).update(called_at=at, called_by=by)
        record("contact_call_logged", on=treatment, at=at, by=by, facts={"tried": tried})
    return call


def note_form_sent(treatment: Treatment, *, by: StaffMember, at: datetime) -> DischargeItem:
    """Staff sent the monitoring form themselves. Raises AlreadyMoved when that was noted before."""
    item, is_new = DischargeItem.objects.get_or_create(
        clinic_id=treatment.clinic_id, treatment=treatment, key=REMS_FORM, defaults={"done_at": at, "done_by": by}
    )
    if not is_new:
        raise AlreadyMoved(f"{item.done_by} noted it.", happened_at=item.done_at, by=item.done_by_id)
    record("rems_form_sent", on=treatment, at=at, by=by)
    return item
