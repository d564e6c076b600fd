"""Binding a patient's phone face to face, and ending every phone when one is lost."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from accounts.models import Device, Patient, StaffMember, Token
from accounts.services.audit import record
from accounts.services.pins import set_pin
from accounts.services.tokens import LinkExpired, consume
from accounts.states import TokenKind
from accounts.tokens import hash_code, hash_secret, make_code, make_secret
from aftercare.tenancy import tenant

BINDING_LASTS = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Binding:
    """What staff show a patient once: a secret for the QR code and a code to type. Both end at `expires_at`."""

    secret: str
    code: str
    expires_at: datetime


def offer_binding(patient: Patient, *, by: StaffMember, at: datetime) -> Binding:
    """A fresh QR secret and code for the patient's phone; older ones stop working."""
    Token.objects.filter(subject=patient.pk, used_at=None, revoked_at=None).update(revoked_at=at)
    secret, code, expires_at = make_secret(), make_code(), at + BINDING_LASTS
    for kind, stored in (
        (TokenKind.BIND_PHONE, hash_secret(secret)),
        (TokenKind.BIND_CODE, hash_code(code, pepper=settings.SECRET_KEY)),
    ):
        Token.objects.create(
            kind=kind, hash=stored, clinic_id=patient.clinic_id, subject=patient.pk, made_by=by, expires_at=expires_at
        )
    record("binding_offered", on=patient, at=at, by=by)
    return Binding(secret=secret, code=code, expires_at=expires_at)


def bind_phone(token: Token, *, pin: str, at: datetime) -> Device:
    """Binds the phone that shows this token to its patient, with the PIN that the patient picked. Raises LinkExpired."""
    with tenant(token.clinic_id):
        if not consume(token):
            raise LinkExpired("This code was used or has run out. Ask the nurse for a new one.")
        Token.objects.filter(subject=token.subject, used_at=None, revoked_at=None).update(revoked_at=at)
        patient = Patient.objects.get(pk=token.subject)
        set_pin(patient, pin)
        device = Device.objects.create(
            clinic_id=token.clinic_id, patient=patient, bound_at=at, bound_by_id=token.made_by_id
        )
        record("phone_bound", on=device, at=at, by=patient)
        return device


def end_phones(patient: Patient, *, by: StaffMember, at: datetime) -> int:
    """Ends every phone of a patient: a lost phone shows nothing any more. Returns how many there were."""
    # The tokens first: whoever is binding a phone at this moment is waited for, and that phone ends too.
    Token.objects.filter(subject=patient.pk, used_at=None, revoked_at=None).update(revoked_at=at)
    ended = Device.objects.filter(patient=patient, revoked_at=None).update(revoked_at=at)
    record("phones_ended", on=patient, at=at, by=by, facts={"phones": ended})
    return ended
