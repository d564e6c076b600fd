"""What a clinic's audit trail says of its staff's ways in: who came in and how, who left, which proof was wrong."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import uuid4

from django.db import transaction

from accounts.models import Clinic, StaffMember, User
from accounts.services.audit import record
from accounts.services.throttles import TooManyTries, forgive, throttle
from aftercare.tenancy import tenant

CODES_PER_DAY, DAY = 50, timedelta(days=1)


def record_sign_in(user: User, *, ways: Sequence[str], at: datetime) -> None:
    """`ways` are the kinds of proof: "password", "totp", "webauthn", "recovery_codes"."""
    if member := _member(user):
        with tenant(member.clinic_id):
            record("signed_in", on=member, at=at, by=member, facts={"with": list(ways)})


def record_sign_out(user: User, *, why: str, at: datetime) -> None:
    """`why` is "" when the person asked for it, else as in accounts.standing."""
    if member := _member(user):
        with tenant(member.clinic_id):
            record("signed_out", on=member, at=at, by=None if why else member, facts={"why": why or "asked"})


def record_recovery_code(user: User, *, at: datetime) -> None:
    """One of the recovery codes was used up."""
    if member := _member(user):
        with tenant(member.clinic_id):
            record("recovery_code_used", on=member, at=at, by=member)


def record_wrong_proof(user: User | None, *, step: str, at: datetime) -> None:
    """Somebody gave a wrong proof for this user. `step` is "password", or the kind of second step.

    For an address of nobody's the same is done, and taken back: how long it takes does not tell whose address it is.
    """
    member = _member(user) if user else None
    on = member or _nobody()
    if on is None:
        return
    with transaction.atomic(), tenant(on.clinic_id):
        record("wrong_proof", on=on, at=at, by=None, facts={"step": step})
        transaction.set_rollback(member is None)


def count_code(user: User) -> None:
    """Takes one of the day's tries at a code of six or more digits, before it is looked at. Raises TooManyTries."""
    try:
        throttle("code of", str(user.pk), at_most=CODES_PER_DAY, within=DAY)
    except TooManyTries:
        raise TooManyTries("There were too many wrong codes today. Use a passkey, or ask a manager.") from None


def forgive_code(user: User) -> None:
    """The code was right: it does not count."""
    forgive("code of", str(user.pk))


def _member(user: User) -> StaffMember | None:
    return StaffMember.objects.filter(user_id=user.pk).first()


def _nobody() -> StaffMember | None:
    """Somebody of no clinic's, to do the same work for; None while there is no clinic at all."""
    clinic = Clinic.objects.order_by("pk").first()
    return StaffMember(pk=uuid4(), clinic=clinic) if clinic else None
