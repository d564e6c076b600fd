"""Adding and taking away second steps. The last one stays; recovery codes are made anew, and seen once."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from allauth.mfa.webauthn.internal.auth import WebAuthn
from django.db import transaction
from django.db.models.functions import Now

from accounts.models import SignIn, StaffMember, User
from accounts.second_steps import CODES, OPENS_ALONE, REAL, has_second_step, needs_no_second_step
from accounts.services.audit import record
from accounts.services.sign_ins import end_sign_ins


class SignInTooWeak(Exception):
    """This sign-in took a password alone, and the person has a second step by now: it may not add another."""


class LastSecondStep(Exception):
    """The last second step can't be taken away: with a password alone nobody comes in."""


def add_passkey(
    member: StaffMember, *, sign_in: SignIn, at: datetime, name: str, credential: dict[str, Any], opens_alone: bool
) -> None:
    """A passkey that was just made. `opens_alone`: without a password, because the device checks who holds it.

    Raises SignInTooWeak.
    """
    with transaction.atomic():
        _refuse_weak(member.user, sign_in)
        added = WebAuthn.add(member.user, name, credential).instance
        added.data[OPENS_ALONE] = opens_alone
        added.save(update_fields=["data"])
        _strengthen(member, sign_in, added, at=at)


def add_app(member: StaffMember, *, sign_in: SignIn, at: datetime, secret: str) -> None:
    """An authenticator app that has just shown a right code; the one before stops working. Raises SignInTooWeak."""
    with transaction.atomic():
        _refuse_weak(member.user, sign_in)
        Authenticator.objects.filter(user=member.user, type=Authenticator.Type.TOTP).delete()
        _strengthen(member, sign_in, TOTP.activate(member.user, secret).instance, at=at)


def remove_second_step(member: StaffMember, step_id: int, *, at: datetime) -> None:
    """Takes one passkey or app away; the recovery codes go with the last. Raises LastSecondStep."""
    with transaction.atomic():
        _lock(member.user)
        steps = Authenticator.objects.filter(user=member.user, type__in=REAL)
        is_last = not steps.exclude(pk=step_id).exists()
        if is_last and not needs_no_second_step(member.user):
            raise LastSecondStep("This is your last second step. Add another one first.")
        removed, _ = steps.filter(pk=step_id).delete()
        if is_last:
            Authenticator.objects.filter(user=member.user).delete()
        if removed:
            record("second_step_removed", on=member, at=at, by=member)


def make_recovery_codes(member: StaffMember, *, at: datetime) -> list[str]:
    """Ten fresh codes of 20 digits; the ones before stop working."""
    with transaction.atomic():
        _lock(member.user)
        Authenticator.objects.filter(user=member.user, type=CODES).delete()
        codes: list[str] = RecoveryCodes.activate(member.user).get_unused_codes()
        record("recovery_codes_made", on=member, at=at, by=member)
        return codes


def _lock(user: User) -> None:
    User.objects.select_for_update().get(pk=user.pk)


def _refuse_weak(user: User, sign_in: SignIn) -> None:
    """Of two browsers with the password alone, the first that adds a second step keeps the other out."""
    _lock(user)
    is_strong = SignIn.objects.filter(pk=sign_in.pk, ended_at=None, is_strong=True).exists()
    if not is_strong and has_second_step(user) and not needs_no_second_step(user):
        raise SignInTooWeak("You have a second step already. Sign in once more, with it.")


def _strengthen(member: StaffMember, sign_in: SignIn, added: Authenticator, *, at: datetime) -> None:
    user = member.user
    SignIn.objects.filter(pk=sign_in.pk).update(is_strong=True, confirmed_at=Now())
    if not needs_no_second_step(user):
        end_sign_ins(user.sign_ins.filter(is_strong=False))
    record("second_step_added", on=member, at=at, by=member, facts={"kind": added.type})
