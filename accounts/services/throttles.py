"""Counting tries, in PostgreSQL: a restart of Valkey forgets none."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import F

from accounts.models import Channel, Throttle
from accounts.states import ChannelKind
from accounts.tokens import hash_code

TEXTS_A_DAY = 12
_WAITS = {timedelta(minutes=30): "half an hour", timedelta(days=1): "until tomorrow"}


class TooManyTries(Exception):
    """Too many tries in a short time. Wait a little."""


def throttle(what: str, key: str, *, at_most: int, within: timedelta, words: str = "") -> None:
    """Counts one try. Raises TooManyTries once there were more than `at_most` within the window. Clock: the database's.

    `words` say what to do instead; without them one waits.
    """
    values: dict[str, Any] = {"key": hash_code(f"{what}:{key}", pepper=settings.SECRET_KEY), "within": within}
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO accounts_throttle AS t (key, window_starts_at, count) VALUES (%(key)s, now(), 1) "
            "ON CONFLICT (key) DO UPDATE SET "
            "count = CASE WHEN t.window_starts_at < now() - %(within)s THEN 1 ELSE t.count + 1 END, "
            "window_starts_at = CASE WHEN t.window_starts_at < now() - %(within)s THEN now() ELSE t.window_starts_at END "
            "RETURNING count",
            values,
        )
        (count,) = cursor.fetchone()
    if count > at_most:
        raise TooManyTries(words or f"There were too many tries. Please wait {_WAITS.get(within, 'ten minutes')}.")


def throttle_text(channel: Channel, *, words: str) -> None:
    """Counts one text that somebody presses a button for, again and again; a patient gets TEXTS_A_DAY. Any other way is free.
    A code has bounds of its own, by number and by clinic. Raises TooManyTries, which says `words`."""
    if channel.kind == ChannelKind.SMS:
        throttle("text", str(channel.patient_id), at_most=TEXTS_A_DAY, within=timedelta(days=1), words=words)


def forgive(what: str, key: str) -> None:
    """Takes one try back that turned out right: a waiting room shares one address."""
    rows = Throttle.objects.filter(key=hash_code(f"{what}:{key}", pepper=settings.SECRET_KEY), count__gt=0)
    rows.update(count=F("count") - 1)
