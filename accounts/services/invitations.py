"""The invitation before a visit: a link and a typed code that let a phone be set up, and no more."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.urls import reverse

from accounts.models import Channel, Device, Patient, StaffMember, Token
from accounts.queries import patient_of_clinic
from accounts.services.audit import record
from accounts.services.pins import check_pin, set_pin
from accounts.services.throttles import throttle_text
from accounts.services.tokens import INVITATIONS, LinkExpired, consume, hold_tokens, revoke_tokens
from accounts.signals import message_wanted
from accounts.states import DeviceScope, TokenKind
from accounts.tokens import derive_code, derive_secret, hash_code, hash_secret, make_secret
from aftercare.tenancy import tenant

_TOO_MANY = "They got twelve such texts within a day. Show them the link, or send it by e-mail."

OUTLASTS_VISIT = timedelta(hours=12)
INVITATION_OVER = "This link was used or has run out."


class VisitOver(Exception):
    """The visit that the invitation is for is over."""


def invite(patient: Patient, *, planned_for: datetime, by: StaffMember, at: datetime) -> Token:
    """A new invitation to a visit; the one before ends. Inside tenant(). Raises VisitOver.

    The secret of its link is worked out from the token, so that a message can carry it later: see invitation_link().
    """
    expires_at = planned_for + OUTLASTS_VISIT
    if expires_at <= at:
        raise VisitOver("The time of this visit is over. Cancel it, and plan a new one.")
    withdraw_invitations(patient, at=at)
    values = {"clinic_id": patient.clinic_id, "subject": patient.pk, "made_by": by, "expires_at": expires_at}
    token = Token.objects.create(kind=TokenKind.INVITATION, hash=hash_secret(make_secret()), **values)
    token.hash = hash_secret(_secret(token, settings.SECRET_KEY))
    token.save(update_fields=["hash"])
    code = hash_code(invitation_code(token), pepper=settings.SECRET_KEY)
    Token.objects.create(kind=TokenKind.INVITATION_CODE, hash=code, **values)
    record("invitation_made", on=patient, at=at, by=by)
    return token


def invitation_link(token: Token) -> str:
    """The whole address of an INVITATION token, for a message or a QR code. Raises LinkExpired when its key is gone."""
    return settings.PUBLIC_URL + reverse("accounts:open_invitation", args=[_secret(token, _key(token))])


def invitation_code(token: Token) -> str:
    """Eight characters to type in place of the link. Raises LinkExpired when its key is gone."""
    return derive_code(_key(token), f"invitation code:{token.pk}")


def open_invitation(patient: Patient, *, at: datetime) -> Token | None:
    """The invitation that the patient can still use."""
    return open_invitations_of({patient.pk}, at=at).get(patient.pk)


def open_invitations_of(patient_ids: Collection[UUID], *, at: datetime) -> dict[UUID, Token]:
    """The same, by patient. One query; none for nobody."""
    tokens = Token.objects.filter(
        kind=TokenKind.INVITATION, subject__in=patient_ids, used_at=None, revoked_at=None, expires_at__gt=at
    )
    return {token.subject: token for token in tokens.order_by("pk")}


def invitation_with(stored: str) -> Token | None:
    """The invitation with this stored form, whatever became of it: its page has to say why it opens nothing any more."""
    return Token.objects.select_related("clinic__country").filter(kind__in=INVITATIONS, hash=stored).first()


def send_invitation(token: Token, *, patient: Patient, channel: Channel, by: StaffMember, at: datetime) -> None:
    """The link leaves by this channel. Inside tenant(). Raises TooManyTries."""
    throttle_text(channel, words=_TOO_MANY)
    record("invitation_sent", on=patient, at=at, by=by, facts={"channel": channel.kind})
    message_wanted.send(Token, patient=patient, token=token, kind="invitation", channel=channel, at=at)


def withdraw_invitations(patient: Patient, *, at: datetime) -> int:
    """Takes back what was not used yet. Returns how many links and codes."""
    return revoke_tokens(patient.pk, kinds=INVITATIONS, at=at)


def invitation_state(token: Token, *, at: datetime) -> str:
    """ "open", "used", "withdrawn", or "over" when its time is. Of any invitation, a patient's or a colleague's."""
    if token.used_at:
        return "used"
    if token.revoked_at:
        return "withdrawn"
    return "open" if token.expires_at > at else "over"


def accept_invitation(token: Token, *, pin: str, at: datetime) -> Device:
    """Binds this phone for set-up alone, with a new PIN, or with the PIN that the patient has.

    Raises LinkExpired, PinRefused.
    """
    patient = patient_of_clinic(token.subject, token.clinic_id)
    if patient is None:
        raise LinkExpired(INVITATION_OVER)
    if patient.pin_hash:
        check_pin(patient, pin, at=at)
    with tenant(token.clinic_id):
        hold_tokens(patient.pk)
        if not consume(token):
            raise LinkExpired(INVITATION_OVER)
        # The letters that stand for the link, or the link that stands for them, are used up with it.
        Token.objects.filter(subject=patient.pk, kind__in=INVITATIONS, used_at=None, revoked_at=None).update(used_at=at)
        if not patient.pin_hash:
            set_pin(patient, pin)
        Device.objects.filter(patient=patient, scope=DeviceScope.SET_UP, revoked_at=None).update(revoked_at=at)
        device = Device.objects.create(
            clinic_id=token.clinic_id,
            patient=patient,
            bound_at=at,
            bound_by_id=token.made_by_id,
            scope=DeviceScope.SET_UP,
        )
        record("invitation_used", on=device, at=at, by=patient)
        return device


def _secret(token: Token, key: str) -> str:
    return derive_secret(key, f"invitation:{token.pk}")


def _key(token: Token) -> str:
    """The key that this invitation was made with: an invitation outlives a change of SECRET_KEY."""
    for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        if hash_secret(_secret(token, key)) == token.hash:
            return key
    raise LinkExpired(INVITATION_OVER)
