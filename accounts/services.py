"""What changes people: adding patients, binding phones, stopping channels, and the record of who did what."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.models import Session
from django.db import IntegrityError, connection, transaction
from django.db.models import Model
from django.db.models.functions import Now

from accounts.models import AuditEvent, Channel, Clinic, Device, Patient, StaffMember, Throttle, Token
from accounts.signals import channel_stopped
from accounts.states import ActorKind, ChannelKind, TokenKind
from accounts.tokens import hash_code, hash_secret, make_code, make_secret
from aftercare.tenancy import current_clinic_id, tenant

BINDING_LASTS = timedelta(minutes=15)
# A used token says for a while that it was used; no throttle counts longer than a day.
KEEPS_TOKENS, LONGEST_THROTTLE = timedelta(days=7), timedelta(days=1)


class RecordNumberTaken(Exception):
    """Another patient of the clinic has this record number."""


class LinkExpired(Exception):
    """The link or code was used, has run out, was withdrawn, or never was."""


class TooManyTries(Exception):
    """Too many tries in a short time. Wait a little."""


@dataclass(frozen=True, slots=True)
class Binding:
    """What staff show a patient once: a secret for the QR code and a code to type. Both end at `expires_at`."""

    secret: str
    code: str
    expires_at: datetime


def record(
    action: str, *, on: Model, at: datetime, by: StaffMember | Patient | None, facts: dict[str, Any] | None = None
) -> AuditEvent:
    """Adds one line to the clinic's audit trail. `facts` holds ids, codes and times, never words or names."""
    kinds: dict[type[Any], ActorKind] = {StaffMember: ActorKind.STAFF, Patient: ActorKind.PATIENT}
    kind = kinds.get(type(by), ActorKind.SYSTEM)
    return AuditEvent.objects.create(
        clinic_id=current_clinic_id(),
        at=at,
        actor_kind=kind,
        actor=by.pk if by else None,
        action=action,
        object_kind=on._meta.model_name or "",
        object=str(on.pk),
        facts=facts or {},
    )


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
) -> Patient:
    """A new patient of the staff member's clinic, reachable in the app and, when agreed, by text.

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
    Channel.objects.bulk_create(_first_channels(patient, phone=phone, texts_agreed=texts_agreed, at=at))
    record("patient_added", on=patient, at=at, by=by, facts={"texts_agreed": texts_agreed})
    return patient


def _first_channels(patient: Patient, *, phone: str, texts_agreed: bool, at: datetime) -> Iterable[Channel]:
    yield Channel(clinic_id=patient.clinic_id, patient=patient, kind=ChannelKind.IN_APP, consented_at=at)
    if phone:
        yield Channel(
            clinic_id=patient.clinic_id,
            patient=patient,
            kind=ChannelKind.SMS,
            address=phone,
            consented_at=at if texts_agreed else None,
        )


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


def find_token(kind: TokenKind, stored: str) -> Token | None:
    """The token with this stored form, if it can still be used. Looking changes nothing."""
    return Token.objects.filter(kind=kind, hash=stored, used_at=None, revoked_at=None, expires_at__gt=Now()).first()


def consume(token: Token) -> bool:
    """Uses a token up. Of any number of tries at once, one gets True."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE accounts_token SET used_at = now() "
            "WHERE id = %s AND used_at IS NULL AND revoked_at IS NULL AND expires_at > now()",
            [token.pk],
        )
        return bool(cursor.rowcount)


def bind_phone(token: Token, *, pin: str, at: datetime) -> Device:
    """Binds the phone that shows this token to its patient, with the PIN that the patient picked. Raises LinkExpired."""
    with tenant(token.clinic_id):
        if not consume(token):
            raise LinkExpired("This code was used or has run out. Ask the nurse for a new one.")
        Token.objects.filter(subject=token.subject, used_at=None, revoked_at=None).update(revoked_at=at)
        patient = Patient.objects.get(pk=token.subject)
        patient.pin_hash = make_password(_peppered(pin))
        patient.save(update_fields=["pin_hash"])
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


def stop_texts(address: str, *, at: datetime) -> int:
    """STOP from a phone number: no clinic texts it again. Returns how many channels that ended."""
    stopped = 0
    for clinic_id in Clinic.objects.values_list("pk", flat=True):
        with tenant(clinic_id):
            channels = Channel.objects.filter(kind=ChannelKind.SMS, address=address, stopped_at=None)
            for channel in channels.select_for_update():
                _stop(channel, by=None, at=at)
                stopped += 1
    return stopped


def set_texts(patient: Patient, *, on: bool, at: datetime) -> None:
    """The patient's own switch for text messages."""
    for channel in Channel.objects.select_for_update().filter(patient=patient, kind=ChannelKind.SMS):
        if on:
            channel.stopped_at, channel.consented_at = None, at
            channel.save(update_fields=["stopped_at", "consented_at"])
            record("texts_started", on=channel, at=at, by=patient)
        elif channel.stopped_at is None:
            _stop(channel, by=patient, at=at)


def _stop(channel: Channel, *, by: Patient | None, at: datetime) -> None:
    channel.stopped_at = at
    channel.save(update_fields=["stopped_at"])
    record("texts_stopped", on=channel, at=at, by=by)
    channel_stopped.send(Channel, channel=channel, at=at)


def throttle(what: str, key: str, *, at_most: int, within: timedelta) -> None:
    """Counts one try. Raises TooManyTries once there were more than `at_most` within the window. Clock: the database's."""
    values: dict[str, Any] = {"key": hash_code(f"{what}:{key}", pepper=settings.SECRET_KEY), "within": within}
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO accounts_throttle AS t (key, window_starts_at, count) VALUES (%(key)s, now(), 1) "
            "ON CONFLICT (key) DO UPDATE SET "
            "count = CASE WHEN t.window_starts_at < now() - %(within)s THEN 1 ELSE t.count + 1 END, "
            "window_starts_at = CASE WHEN t.window_starts_at < now() - %(within)s THEN now() ELSE t.window_starts_at END "
            "RETURNING count",
            values,
        )
        (count,) = cursor.fetchone()
    if count > at_most:
        raise TooManyTries("There were too many tries. Please wait ten minutes.")


def forget_what_is_over() -> int:
    """Deletes sessions and tokens that have run out, and throttles of yesterday. Returns how many rows went."""
    sessions, _ = Session.objects.filter(expire_date__lt=Now()).delete()
    tokens, _ = Token.objects.filter(expires_at__lt=Now() - KEEPS_TOKENS).delete()
    throttles, _ = Throttle.objects.filter(window_starts_at__lt=Now() - LONGEST_THROTTLE).delete()
    return sessions + tokens + throttles


def _peppered(pin: str) -> str:
    return hash_code(pin, pepper=settings.PIN_PEPPER)
