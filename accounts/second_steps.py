"""The second steps that a staff member has: passkeys, an authenticator app, recovery codes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from allauth.mfa.models import Authenticator
from django.conf import settings

from accounts.models import User
from accounts.sealing import SealBroken

PASSKEY, APP, CODES = Authenticator.Type.WEBAUTHN, Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES
# Recovery codes stand in for one of these; they are none by themselves.
REAL = (PASSKEY, APP)
# In a passkey's data: it was made to open alone, and the device checked who holds it.
OPENS_ALONE = "opens_alone"


@dataclass(frozen=True, slots=True)
class SecondStep:
    """One passkey or app; `used_at` is None until it was used."""

    id: int
    is_passkey: bool
    name: str
    opens_alone: bool
    added_at: datetime
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class SecondSteps:
    """What a person has, the oldest first; `codes_left` is None without recovery codes."""

    steps: tuple[SecondStep, ...]
    codes_left: int | None

    @property
    def has_passkey(self) -> bool:
        return any(step.is_passkey for step in self.steps)

    @property
    def has_app(self) -> bool:
        return any(not step.is_passkey for step in self.steps)


def second_steps(user: User) -> SecondSteps:
    """One query."""
    rows = list(Authenticator.objects.filter(user=user).order_by("created_at", "pk"))
    codes = next((row for row in rows if row.type == CODES), None)
    return SecondSteps(
        steps=tuple(_step(row) for row in rows if row.type in REAL),
        codes_left=_codes_left(codes) if codes else None,
    )


def has_second_step(user: User) -> bool:
    return bool(Authenticator.objects.filter(user=user, type__in=REAL).exists())


def needs_no_second_step(user: User) -> bool:
    """The demo's own people alone: they have no password, only the demo's button signs them in."""
    return settings.DEMO and not user.has_usable_password()


def _step(row: Authenticator) -> SecondStep:
    is_passkey = row.type == PASSKEY
    return SecondStep(
        id=row.pk,
        is_passkey=is_passkey,
        name=row.data.get("name", "") if is_passkey else "Authenticator app",
        opens_alone=bool(row.data.get(OPENS_ALONE)),
        added_at=row.created_at,
        used_at=row.last_used_at,
    )


def _codes_left(row: Authenticator) -> int:
    try:
        return len(row.wrap().get_unused_codes())
    except SealBroken:
        return 0
