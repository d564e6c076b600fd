"""Secrets of which only a hash is stored: finding one, and using it up."""

from __future__ import annotations

from django.db import connection
from django.db.models.functions import Now

from accounts.models import Token
from accounts.states import TokenKind


class LinkExpired(Exception):
    """The link or code was used, has run out, was withdrawn, or never was."""


def find_token(kind: TokenKind, stored: str) -> Token | None:
    """The token with this stored form, if it can still be used. Looking changes nothing."""
    return Token.objects.filter(kind=kind, hash=stored, used_at=None, revoked_at=None, expires_at__gt=Now()).first()


def consume(token: Token) -> bool:
    """Uses a token up. Of any number of tries at once, one gets True."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE accounts_token SET used_at = now() "
            "WHERE id = %s AND used_at IS NULL AND revoked_at IS NULL AND expires_at > now()",
            [token.pk],
        )
        return bool(cursor.rowcount)
