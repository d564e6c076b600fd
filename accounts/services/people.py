"""Adding patients, with the ways to reach them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from django.db import IntegrityError, transaction

from accounts.models import Channel, Patient, StaffMember
from accounts.services.audit import record
from accounts.services.consents import record_consent
from accounts.states import ChannelKind, ConsentKind, ConsentWay


class RecordNumberTaken(Exception):
    """Another patient of the clinic has this record number."""


def add_patient(
    *,
    by: StaffMember,
    at: datetime,
    first_name: str,
    last_name: str,
    record_number: str,
    born_on: date,
    zone: str,
    phone: str = "",
    texts_agreed: bool = False,
    email: str = "",
    emails_agreed: bool = False,
) -> Patient:
    """A new patient of the staff member's clinic, reachable in the app and, when agreed, by text and by e-mail.

    Raises RecordNumberTaken.
    """
    try:
        with transaction.atomic():
            patient = Patient.objects.create(
                clinic_id=by.clinic_id,
                first_name=first_name,
                last_name=last_name,
                record_number=record_number,
                born_on=born_on,
                zone=zone,
                created_at=at,
            )
    except IntegrityError as error:
        if "patient_record_number_once" not in str(error):
            raise
        raise RecordNumberTaken("Another patient has this record number.") from None
    agreed = {"texts_agreed": texts_agreed, "emails_agreed": emails_agreed}
    Channel.objects.bulk_create(_first_channels(patient, phone=phone, email=email, at=at, **agreed))
    told = {ConsentKind.TEXTS: phone and texts_agreed, ConsentKind.EMAILS: email and emails_agreed}
    for kind in (kind for kind, is_yes in told.items() if is_yes):
        record_consent(kind, given=True, patient=patient, way=ConsentWay.STAFF, by=by, at=at)
    record("patient_added", on=patient, at=at, by=by, facts=agreed)
    return patient


def _first_channels(
    patient: Patient, *, phone: str, texts_agreed: bool, email: str, emails_agreed: bool, at: datetime
) -> Iterable[Channel]:
    ways = (
        (ChannelKind.IN_APP, "", True),
        *([(ChannelKind.SMS, phone, texts_agreed)] if phone else []),
        *([(ChannelKind.EMAIL, email, emails_agreed)] if email else []),
    )
    for kind, address, is_agreed in ways:
        yield Channel(
            clinic_id=patient.clinic_id,
            patient=patient,
            kind=kind,
            address=address,
            consented_at=at if is_agreed else None,
        )
