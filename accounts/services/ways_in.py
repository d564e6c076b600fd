"""Staff's ways in: what the clinic's audit trail says of them, and how often a code may be tried in a day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.db import transaction

from accounts.models import Clinic, StaffMember, User
from accounts.services.audit import record
from accounts.services.throttles import forgive, throttle
from aftercare.tenancy import tenant

CODES_PER_DAY, DAY = 50, timedelta(days=1)
ELSEWHERE = "elsewhere"
_TOO_MANY_CODES = "There were too many wrong codes today. Use a passkey or a recovery code, or ask a manager."


def record_sign_in(user: User, *, ways: Sequence[str], at: datetime) -> None:
    """`ways` are the kinds of proof: "password", "totp", "webauthn", "recovery_codes"."""
    _note("signed_in", user, by_themselves=True, at=at, facts={"with": list(ways)})


def record_sign_out(user: User, *, why: str, at: datetime) -> None:
    """`why` is "" when the person asked for it, ELSEWHERE when they did so in another browser; else as in accounts.standing."""
    _note("signed_out", user, by_themselves=why in {"", ELSEWHERE}, at=at, facts={"why": why or "asked"})


def record_recovery_code(user: User, *, at: datetime) -> None:
    """One of the recovery codes was used up."""
    _note("recovery_code_used", user, by_themselves=True, at=at)


def record_wrong_proof(user: User, *, step: str, at: datetime) -> None:
    """Somebody gave a wrong proof for this user. `step` is "password", or the kind of second step."""
    _note("wrong_proof", user, by_themselves=False, at=at, facts={"step": step})


def record_wrong_password(email: str, *, at: datetime) -> None:
    """For an address of nobody's the same is done, and taken back: the time it takes does not tell whose it is."""
    user = User.objects.filter(email__iexact=email).first()
    member = _member(user) if user else None
    on = member or _nobody()
    if on is None:
        return
    # Two blocks: what is taken back is the inner one, whatever else is open.
    with transaction.atomic(), tenant(on.clinic_id):
        record("wrong_proof", on=on, at=at, by=None, facts={"step": "password"})
        transaction.set_rollback(member is None)


def count_code(user: User) -> None:
    """Takes one of the day's tries at an app's code, before it is looked at. Raises TooManyTries."""
    throttle("code of", str(user.pk), at_most=CODES_PER_DAY, within=DAY, words=_TOO_MANY_CODES)


def forgive_code(user: User) -> None:
    """It was right, or nobody looked at it: it does not count."""
    forgive("code of", str(user.pk))


def _note(action: str, user: User, *, by_themselves: bool, at: datetime, facts: dict[str, Any] | None = None) -> None:
    if member := _member(user):
        with tenant(member.clinic_id):
            record(action, on=member, at=at, by=member if by_themselves else None, facts=facts)


def _member(user: User) -> StaffMember | None:
    return StaffMember.objects.filter(user_id=user.pk).first()


def _nobody() -> StaffMember | None:
    """Somebody of no clinic's, to do the same work for; None while there is no clinic at all."""
    clinic = Clinic.objects.order_by("pk").first()
    return StaffMember(pk=uuid4(), clinic=clinic) if clinic else None
