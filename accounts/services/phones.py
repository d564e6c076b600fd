"""Binding a patient's phone, face to face or after its owner came back, and ending phones."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from accounts.models import Device, Patient, StaffMember, Token
from accounts.services.audit import record
from accounts.services.pins import set_pin
from accounts.services.tokens import BINDINGS, INVITATIONS, LinkExpired, consume, hold_tokens, revoke_tokens
from accounts.signals import phone_replaced
from accounts.states import DeviceScope, TokenKind
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
    revoke_tokens(patient.pk, kinds=BINDINGS, at=at)
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


def bind_phone(token: Token, *, pin: str, at: datetime, before: Device | None = None) -> Device:
    """Binds the phone that shows this token to its patient, with the PIN that the patient picked. Raises LinkExpired.

    A phone that could only be set up, by an invitation, has done its part and ends. `before` is what this browser was until
    now: where that was the same patient's, notes that it takes go on.
    """
    with tenant(token.clinic_id):
        hold_tokens(token.subject)
        if not consume(token):
            raise LinkExpired("This code was used or has run out. Ask the nurse for a new one.")
        revoke_tokens(token.subject, kinds=(*BINDINGS, *INVITATIONS), at=at)
        patient = Patient.objects.get(pk=token.subject)
        set_pin(patient, pin)
        Device.objects.filter(patient=patient, scope=DeviceScope.SET_UP, revoked_at=None).update(revoked_at=at)
        device = Device.objects.create(
            clinic_id=token.clinic_id, patient=patient, bound_at=at, bound_by_id=token.made_by_id
        )
        if before and before.patient_id == patient.pk:
            phone_replaced.send(Device, before=before, now=device)
        record("phone_bound", on=device, at=at, by=patient)
        return device


def bind_only_phone(patient: Patient, *, at: datetime) -> Device:
    """A phone for somebody who came back and proved it in two ways; every other phone ends.

    Inside tenant(), after hold_tokens(). It opens no more than the patient had: without a phone that staff once bound
    face to face, set-up alone.
    """
    Patient.objects.select_for_update().get(pk=patient.pk)  # two who come back at once: the later one keeps the phone
    phones = Device.objects.filter(patient=patient)
    scope = DeviceScope.FULL if phones.filter(scope=DeviceScope.FULL).exists() else DeviceScope.SET_UP
    ended = phones.filter(revoked_at=None).update(revoked_at=at)
    revoke_tokens(patient.pk, kinds=(*BINDINGS, TokenKind.WAY_BACK), at=at)
    device = Device.objects.create(clinic_id=patient.clinic_id, patient=patient, bound_at=at, scope=scope)
    record("phone_bound_again", on=device, at=at, by=patient, facts={"ended": ended, "scope": scope})
    return device


def end_phones(patient: Patient, *, by: StaffMember, at: datetime) -> int:
    """Ends every phone of a patient: a lost phone shows nothing any more. Returns how many there were.

    What waits to bind one ends too. The printed card stays: it lies at home, and is a way back.
    """
    # Whoever is binding a phone at this moment is waited for, and that phone ends too.
    hold_tokens(patient.pk)
    revoke_tokens(patient.pk, kinds=(*BINDINGS, *INVITATIONS, TokenKind.WAY_BACK), at=at)
    ended = Device.objects.filter(patient=patient, revoked_at=None).update(revoked_at=at)
    record("phones_ended", on=patient, at=at, by=by, facts={"phones": ended})
    return ended


def other_phones(device: Device) -> int:
    """How many more phones of this phone's patient are signed in."""
    return Device.objects.filter(patient=device.patient, revoked_at=None).exclude(pk=device.pk).count()


def end_other_phones(device: Device, *, at: datetime) -> int:
    """Signs out every phone of the patient but this one, and what waits to bind one. Returns how many there were."""
    hold_tokens(device.patient_id)
    revoke_tokens(device.patient_id, kinds=(*BINDINGS, *INVITATIONS, TokenKind.WAY_BACK), at=at)
    others = Device.objects.filter(patient=device.patient, revoked_at=None).exclude(pk=device.pk)
    ended = others.update(revoked_at=at)
    record("other_phones_ended", on=device, at=at, by=device.patient, facts={"phones": ended})
    return ended


def end_phone(device: Device, *, at: datetime) -> None:
    """The patient signs this phone out."""
    Device.objects.filter(pk=device.pk, revoked_at=None).update(revoked_at=at)
    record("phone_ended", on=device, at=at, by=device.patient)
