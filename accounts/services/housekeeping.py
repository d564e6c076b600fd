"""Deleting what nobody can use any more."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.sessions.models import Session
from django.db.models.functions import Now

from accounts.models import Throttle, Token

# A used token says for a while that it was used; no throttle counts longer than a day.
KEEPS_TOKENS, LONGEST_THROTTLE = timedelta(days=7), timedelta(days=1)


def forget_what_is_over() -> int:
    """Deletes sessions and tokens that have run out, and throttles of yesterday. Returns how many rows went."""
    sessions, _ = Session.objects.filter(expire_date__lt=Now()).delete()
    tokens, _ = Token.objects.filter(expires_at__lt=Now() - KEEPS_TOKENS).delete()
    throttles, _ = Throttle.objects.filter(window_starts_at__lt=Now() - LONGEST_THROTTLE).delete()
    return sessions + tokens + throttles
