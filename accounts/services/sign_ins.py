"""The browsers in which staff are signed in: begun, seen, confirmed, ended. Every moment is the database's own."""

from __future__ import annotations

from uuid import UUID

from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from accounts.models import SignIn, User
from accounts.second_steps import has_second_step, needs_no_second_step
from accounts.standing import SEEN_EVERY
from aftercare.sessions import session_hash


def begin_sign_in(user: User, *, session_key: str, browser: str, is_strong: bool) -> bool:
    """This browser is signed in from now on; returns whether it is. `is_strong`: it took more than a password.

    With a password alone it is over at once when a second step was added meanwhile, in another browser.
    """
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        is_enough = is_strong or needs_no_second_step(user) or not has_second_step(user)
        proved = {"began_at": Now(), "seen_at": Now(), "confirmed_at": Now(), "is_strong": is_strong}
        SignIn.objects.update_or_create(
            session_hash=session_hash(session_key),
            defaults={"user": user, "browser": browser, **proved, "ended_at": None if is_enough else Now()},
        )
        return is_enough


def see(sign_in: SignIn) -> None:
    """Somebody is at this browser. Written at most once a minute."""
    SignIn.objects.filter(pk=sign_in.pk, ended_at=None, seen_at__lt=Now() - SEEN_EVERY).update(seen_at=Now())


def confirm(sign_in: SignIn) -> None:
    """The person has just proved once more who they are."""
    SignIn.objects.filter(pk=sign_in.pk, ended_at=None).update(confirmed_at=Now(), seen_at=Now())


def move_sign_in(sign_in: SignIn, *, session_key: str) -> None:
    """The same browser goes on under another session key."""
    SignIn.objects.filter(pk=sign_in.pk).update(session_hash=session_hash(session_key))


def end_other_sign_ins(sign_in: SignIn, *, only: UUID | None = None) -> int:
    """Ends what the same person has open elsewhere, or `only` the one of this id. Returns how many were open."""
    others = SignIn.objects.filter(user_id=sign_in.user_id).exclude(pk=sign_in.pk)
    return end_sign_ins(others.filter(pk=only) if only else others)


def end_sign_ins(sign_ins: QuerySet[SignIn]) -> int:
    """Ends these and deletes their sessions: the next request of each is a stranger's. Returns how many were open."""
    with transaction.atomic():
        hashes = list(
            sign_ins.filter(ended_at=None).order_by("pk").select_for_update().values_list("session_hash", flat=True)
        )
        Session.objects.filter(session_key__in=hashes).delete()
        return SignIn.objects.filter(session_hash__in=hashes).update(ended_at=Now())
