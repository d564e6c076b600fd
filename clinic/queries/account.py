"""What a member of staff sees of their own account: second steps, and the browsers they are signed in with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from accounts.models import SignIn, StaffMember
from accounts.second_steps import needs_no_second_step, second_steps
from accounts.standing import open_sign_ins
from timeline.phases import clock_words


@dataclass(frozen=True, slots=True)
class OpenBrowser:
    """One browser that is signed in; `began` and `seen` are times on the clinic's clock."""

    sign_in_id: UUID
    browser: str
    began: str
    seen: str
    is_this: bool


@dataclass(frozen=True, slots=True)
class OwnStep:
    """One second step, ready to read."""

    id: int
    is_passkey: bool
    name: str
    words: str
    used: str
    may_go: bool


@dataclass(frozen=True, slots=True)
class MyAccount:
    """The page of one person about themselves."""

    member: StaffMember
    steps: tuple[OwnStep, ...]
    codes_left: int | None
    browsers: tuple[OpenBrowser, ...]
    has_password: bool

    @property
    def has_others(self) -> bool:
        return len(self.browsers) > 1


def my_account(member: StaffMember, *, this: SignIn, at: datetime) -> MyAccount:
    """Two queries."""
    zone, has = ZoneInfo(member.clinic.zone), second_steps(member.user)

    def clock(moment: datetime) -> str:
        return clock_words(moment, zone=zone, today=at)

    may_go = len(has.steps) > 1 or needs_no_second_step(member.user)
    return MyAccount(
        member=member,
        steps=tuple(
            OwnStep(
                id=step.id,
                is_passkey=step.is_passkey,
                name=step.name,
                words=_what_it_does(is_passkey=step.is_passkey, opens_alone=step.opens_alone),
                used=f"Last used {clock(step.used_at)}" if step.used_at else f"Added {clock(step.added_at)}",
                may_go=may_go,
            )
            for step in has.steps
        ),
        codes_left=has.codes_left,
        browsers=tuple(
            OpenBrowser(
                sign_in_id=each.pk,
                browser=each.browser,
                began=clock(each.began_at),
                seen=clock(each.seen_at),
                is_this=each.pk == this.pk,
            )
            for each in open_sign_ins(member.user)
        ),
        has_password=member.user.has_usable_password(),
    )


def _what_it_does(*, is_passkey: bool, opens_alone: bool) -> str:
    if not is_passkey:
        return "After your password"
    return "Signs you in without a password" if opens_alone else "After your password"
