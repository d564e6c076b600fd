"""Deleting what nobody can use any more."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.contrib.sessions.models import Session
from django.db import connection
from django.db.models.functions import Now

from accounts.models import Clinic, SignIn, Throttle, Token
from accounts.states import TokenKind
from aftercare.tenancy import tenant

# A used token says for a while that it was used; no throttle counts longer than a day.
KEEPS_TOKENS, LONGEST_THROTTLE, KEEPS_SIGN_INS = timedelta(days=7), timedelta(days=1), timedelta(days=30)


def forget_what_is_over() -> int:
    """Deletes what ran out: sessions, sign-ins, tokens, counts of tries. Returns how many rows went."""
    sessions, _ = Session.objects.filter(expire_date__lt=Now()).delete()
    throttles, _ = Throttle.objects.filter(window_starts_at__lt=Now() - LONGEST_THROTTLE).delete()
    sign_ins, _ = SignIn.objects.filter(began_at__lt=Now() - KEEPS_SIGN_INS).delete()
    return (
        sessions
        + throttles
        + sign_ins
        + _forget_counts()
        + sum(_forget_tokens(clinic_id) for clinic_id in Clinic.objects.values_list("pk", flat=True))
    )


def _forget_tokens(clinic_id: UUID) -> int:
    """With what was sent for them: those rows are the clinic's, and can be seen only inside it.

    An escort's link stays on record with its visit, and its token with it.
    """
    with tenant(clinic_id):
        tokens = Token.objects.filter(clinic_id=clinic_id, expires_at__lt=Now() - KEEPS_TOKENS).exclude(
            kind=TokenKind.PICKUP
        )
        _, counts = tokens.delete()
    return counts.get(Token._meta.label, 0)


def _forget_counts() -> int:
    """What django-allauth counted of tries: Django's cache deletes a row only when somebody asks for it again."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM aftercare_cache WHERE expires < now()")
        return int(cursor.rowcount)
