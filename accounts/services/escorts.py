"""Who drives and who stays tonight, and the secret of an escort's link."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.urls import reverse

from accounts.models import Channel, Escort, Patient, StaffMember, Token
from accounts.services.audit import record
from accounts.services.channels import stop_channel
from accounts.services.consents import has_agreed, record_consent
from accounts.services.tokens import LinkExpired, revoke_tokens
from accounts.states import ChannelKind, ConsentKind, ConsentWay, TokenKind
from accounts.tokens import derive_secret, hash_secret, make_secret

# How somebody says that an escort is not asked for any more.
_WAYS: dict[type, ConsentWay] = {
    StaffMember: ConsentWay.STAFF,
    Patient: ConsentWay.APP,
    Escort: ConsentWay.PICKUP,
}
PICKUP_OVER = "This link was withdrawn or has run out."


def name_escort(
    patient: Patient,
    *,
    task: Escort.Task,
    name: str,
    phone: str,
    stays_too: bool = False,
    by: StaffMember | Patient,
    at: datetime,
) -> Escort:
    """Names who drives, or who stays. Inside the caller's transaction. `phone` is stored as +15550100142 or "".

    Another name or number is another person: the link of the one before ends, and their texts with it. A number where none
    was known is still the same one's, and none typed leaves the one that is known.
    """
    escort = Escort.objects.select_for_update(no_key=True).filter(patient=patient, task=task, ended_at=None).first()
    if escort and not is_same_person(escort, name=name, phone=phone):
        end_escort(escort, by=by, at=at)
        escort = None
    if escort and phone and not escort.phone:
        tell_number(escort, phone=phone, by=by, at=at)
    if escort is None:
        escort = Escort.objects.create(
            clinic_id=patient.clinic_id, patient=patient, task=task, name=name, phone=phone, stays_too=stays_too
        )
        record("escort_named", on=escort, at=at, by=by, facts={"task": task, "stays_too": stays_too})
    elif escort.stays_too != stays_too:
        escort.stays_too = stays_too
        escort.save(update_fields=["stays_too"])
        record("escort_named", on=escort, at=at, by=by, facts={"task": task, "stays_too": stays_too})
    return escort


def is_same_person(escort: Escort, *, name: str, phone: str) -> bool:
    """By what was typed: no number, on record or typed, is nobody else's."""
    return escort.name == name and (not escort.phone or not phone or escort.phone == phone)


def end_escort(escort: Escort, *, by: StaffMember | Patient | Escort, at: datetime) -> None:
    """This person is not asked for any more: the link opens nothing, and no text goes to them."""
    escort.ended_at = at
    escort.save(update_fields=["ended_at"])
    revoke_tokens(escort.pk, kinds=(TokenKind.PICKUP, TokenKind.ESCORT_NOTE), at=at)
    for channel in Channel.objects.filter(escort=escort, stopped_at=None).select_for_update():
        stop_channel(channel, by=by, at=at)
    for kind in (ConsentKind.ESCORT_TEXTS, ConsentKind.ESCORT_ASKED):
        if has_agreed(kind, patient=escort.patient, escort=escort):
            record_consent(kind, given=False, patient=escort.patient, escort=escort, way=_WAYS[type(by)], by=by, at=at)
    record("escort_ended", on=escort, at=at, by=by)


def tell_number(escort: Escort, *, phone: str, by: StaffMember | Patient | Escort, at: datetime) -> None:
    """The number of somebody whose number nobody knew. Inside the caller's transaction; `phone` as stored."""
    if not escort.phone:
        escort.phone = phone
        escort.save(update_fields=["phone"])
        record("escort_number_told", on=escort, at=at, by=by)


def speak(escort: Escort, *, language: str) -> None:
    """The language of what this escort reads from now on, their texts included. One of settings.LANGUAGES."""
    escort.language = language
    escort.save(update_fields=["language"])


def let_text(escort: Escort, *, on: bool, at: datetime) -> None:
    """The escort's own switch for texts to their number. Nothing happens where no number is known."""
    channel = Channel.objects.select_for_update().filter(escort=escort, kind=ChannelKind.SMS).first()
    if on and escort.phone:
        if channel is None:
            channel = Channel(clinic_id=escort.clinic_id, escort=escort, kind=ChannelKind.SMS)
        channel.address, channel.consented_at, channel.stopped_at = escort.phone, at, None
        channel.save()
        record("texts_started", on=channel, at=at, by=escort)
    elif channel and channel.stopped_at is None:
        stop_channel(channel, by=escort, at=at)


def may_text(escort: Escort) -> bool:
    channel = Channel.objects.filter(escort=escort, kind=ChannelKind.SMS).first()
    return channel is not None and channel.may_send


def make_pickup_token(escort: Escort, *, expires_at: datetime, by: StaffMember | None) -> Token:
    """The secret of a new link. Inside tenant(). Its address is worked out by pickup_link()."""
    token = Token.objects.create(
        kind=TokenKind.PICKUP,
        hash=hash_secret(make_secret()),
        clinic_id=escort.clinic_id,
        subject=escort.pk,
        made_by=by,
        expires_at=expires_at,
    )
    token.hash = hash_secret(_secret(token, settings.SECRET_KEY))
    token.save(update_fields=["hash"])
    return token


def pickup_link(token: Token) -> str:
    """The whole address of a PICKUP token. Raises LinkExpired when its key is gone."""
    return settings.PUBLIC_URL + reverse("pickup:open", args=[_secret(token, pickup_key(token))])


def pickup_key(token: Token) -> str:
    """The key that this link was made with: it outlives a change of SECRET_KEY. Raises LinkExpired when that is gone."""
    for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        if hash_secret(_secret(token, key)) == token.hash:
            return key
    raise LinkExpired(PICKUP_OVER)


def _secret(token: Token, key: str) -> str:
    return derive_secret(key, f"pickup:{token.pk}")
