"""How a browser's sign-in stands: open, idle, too old, or ended. By the database's own clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from accounts.models import SignIn, StaffMember, User
from accounts.second_steps import needs_no_second_step
from aftercare.sessions import session_hash

IDLE, LONGEST, CONFIRMED = timedelta(minutes=15), timedelta(hours=12), timedelta(minutes=5)
SEEN_EVERY = timedelta(minutes=1)
# Why one is over: nobody was there, it was one long day, or it was ended.
WAS_IDLE, WAS_LONG, WAS_ENDED = "idle", "long", "ended"


@dataclass(frozen=True, slots=True)
class Standing:
    """A sign-in, the active member of staff whose it is, and what it is good for.

    `at` is the moment of the look, by the database's clock. `over` is "" while it is open. `is_enough`: it took more than a
    password. `is_confirmed`: lately proved once more.
    """

    sign_in: SignIn
    member: StaffMember | None
    at: datetime
    over: str
    is_enough: bool
    is_confirmed: bool
    was_just_seen: bool


def standing_of(session_key: str) -> Standing | None:
    """The sign-in of a session with its person, clinic and country: one query. None when there never was one."""
    related = "user__staff_member__clinic__country"
    found = SignIn.objects.filter(session_hash=session_hash(session_key)).select_related(related)
    sign_in = found.annotate(now=Now()).first()
    if sign_in is None:
        return None
    lenient = needs_no_second_step(sign_in.user)
    return Standing(
        sign_in=sign_in,
        member=_active_member(sign_in.user),
        at=sign_in.now,
        over=_over(sign_in, now=sign_in.now),
        is_enough=sign_in.is_strong or lenient,
        is_confirmed=lenient or sign_in.now - sign_in.confirmed_at <= CONFIRMED,
        was_just_seen=sign_in.now - sign_in.seen_at < SEEN_EVERY,
    )


def open_sign_ins(user: User) -> QuerySet[SignIn]:
    """Those that would still open a page, the one seen last first."""
    since = Q(seen_at__gt=Now() - IDLE, began_at__gt=Now() - LONGEST)
    return user.sign_ins.filter(since, ended_at=None).order_by("-seen_at", "pk")


def _active_member(user: User) -> StaffMember | None:
    member: StaffMember | None = getattr(user, "staff_member", None)
    return member if member and member.is_active and user.is_active else None


def _over(sign_in: SignIn, *, now: datetime) -> str:
    if sign_in.ended_at:
        return WAS_ENDED
    if now - sign_in.began_at >= LONGEST:
        return WAS_LONG
    return WAS_IDLE if now - sign_in.seen_at >= IDLE else ""
