"""The people of a clinic: invited, joined, given another role, let go, let in again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from allauth.mfa.models import Authenticator
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from accounts.models import SignIn, StaffMember, Token, User
from accounts.services.audit import record
from accounts.services.sign_ins import end_other_sign_ins, end_sign_ins
from accounts.services.tokens import LinkExpired, consume
from accounts.states import Role, TokenKind
from accounts.tokens import hash_secret, make_secret
from aftercare.tenancy import tenant

INVITATION_LASTS = timedelta(hours=48)


class AddressTaken(Exception):
    """Somebody signs in with this e-mail address already."""


class StaffActRefused(Exception):
    """Nobody does this to themselves, and nobody who is not a manager any more does it at all."""


@dataclass(frozen=True, slots=True)
class Invitation:
    """What a manager passes on, once: the secret of a link that ends at `expires_at`."""

    member: StaffMember
    secret: str
    expires_at: datetime


def invite_staff(*, by: StaffMember, at: datetime, name: str, credentials: str, email: str, role: str) -> Invitation:
    """Somebody new at the clinic of `by`, who can't sign in before the link was used.

    Raises AddressTaken, StaffActRefused.
    """
    with transaction.atomic():
        _refuse(by, about=None)
        user = _new_user(email)
        member = StaffMember.objects.create(
            clinic_id=by.clinic_id, user=user, name=name, credentials=credentials, role=role, is_active=False
        )
        record("staff_invited", on=member, at=at, by=by, facts={"role": role})
        return _fresh_link(member, by=by, at=at)


def _new_user(email: str) -> User:
    taken = AddressTaken("This address can't be used here.")
    if User.objects.filter(email__iexact=email).exists():
        raise taken
    try:
        with transaction.atomic():
            return User.objects.create_user(email.lower())
    except IntegrityError:
        raise taken from None


def invite_again(member: StaffMember, *, by: StaffMember, at: datetime) -> Invitation:
    """A fresh link. Until it was used the person is out: password, second steps and open browsers are gone.

    For somebody who lost their second step, who comes back, or whose first link ran out. Raises StaffActRefused.
    """
    with transaction.atomic():
        _refuse(by, about=member)
        _shut_out(member, at=at)
        record("staff_invited_again", on=member, at=at, by=by)
        return _fresh_link(member, by=by, at=at)


def withdraw_invitation(member: StaffMember, *, by: StaffMember, at: datetime) -> None:
    """The link that waits stops working. Raises StaffActRefused."""
    with transaction.atomic():
        _refuse(by, about=member)
        if _open_links(member).update(revoked_at=at):
            record("staff_invitation_withdrawn", on=member, at=at, by=by)


def change_role(member: StaffMember, *, role: str, by: StaffMember, at: datetime) -> None:
    """Raises StaffActRefused."""
    with transaction.atomic():
        _refuse(by, about=member)
        if StaffMember.objects.filter(pk=member.pk).exclude(role=role).update(role=role):
            record("staff_role_changed", on=member, at=at, by=by, facts={"from": member.role, "to": role})


def deactivate(member: StaffMember, *, by: StaffMember, at: datetime) -> None:
    """Out at once and everywhere: browsers, password, second steps, and a link that waits. Raises StaffActRefused."""
    with transaction.atomic():
        _refuse(by, about=member)
        _shut_out(member, at=at)
        record("staff_deactivated", on=member, at=at, by=by)


def join(token: Token, *, password: str, at: datetime) -> StaffMember:
    """The person behind the link picks a password, and works here from now on. Raises LinkExpired."""
    with tenant(token.clinic_id):
        if not consume(token):
            raise LinkExpired("This invitation does not work any more.")
        member = StaffMember.objects.select_related("user").select_for_update(of=("self",)).get(pk=token.subject)
        member.user.set_password(password)
        member.user.save(update_fields=["password"])
        member.is_active = True
        member.save(update_fields=["is_active"])
        record("staff_joined", on=member, at=at, by=member)
        return member


def change_password(member: StaffMember, password: str, *, sign_in: SignIn, at: datetime) -> None:
    """Every browser of this person but the one of `sign_in` is signed out by it."""
    with transaction.atomic():
        member.user.set_password(password)
        member.user.save(update_fields=["password"])
        end_other_sign_ins(sign_in)
        record("password_changed", on=member, at=at, by=member)


def _refuse(by: StaffMember, *, about: StaffMember | None) -> None:
    """Locks the clinic's managers: of two who let each other go at once, the second is refused."""
    managers = StaffMember.objects.filter(clinic_id=by.clinic_id, role=Role.MANAGER, is_active=True)
    if by.pk not in set(managers.order_by("pk").select_for_update().values_list("pk", flat=True)):
        raise StaffActRefused("You are not a manager here any more.")
    if about and about.pk == by.pk:
        raise StaffActRefused("You can't do this to yourself. Ask another manager.")


def _shut_out(member: StaffMember, *, at: datetime) -> None:
    # The link first: whoever is joining by it at this moment is waited for, and is out too.
    _open_links(member).update(revoked_at=at)
    # And what they made for others and nobody has used yet.
    Token.objects.filter(made_by=member, used_at=None, revoked_at=None).update(revoked_at=at)
    StaffMember.objects.filter(pk=member.pk).update(is_active=False)
    Authenticator.objects.filter(user=member.user).delete()
    member.user.set_unusable_password()
    member.user.save(update_fields=["password"])
    end_sign_ins(member.user.sign_ins.all())


def _open_links(member: StaffMember) -> QuerySet[Token]:
    return Token.objects.filter(kind=TokenKind.STAFF_INVITATION, subject=member.pk, used_at=None, revoked_at=None)


def _fresh_link(member: StaffMember, *, by: StaffMember, at: datetime) -> Invitation:
    secret, expires_at = make_secret(), at + INVITATION_LASTS
    Token.objects.create(
        kind=TokenKind.STAFF_INVITATION,
        hash=hash_secret(secret),
        clinic_id=member.clinic_id,
        subject=member.pk,
        made_by=by,
        expires_at=expires_at,
    )
    return Invitation(member=member, secret=secret, expires_at=expires_at)
