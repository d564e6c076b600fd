"""Secrets of which only a hash is stored: finding one, using it up, and taking it back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.models import Q
from django.db.models.functions import Now

from accounts.models import Token
from accounts.states import TokenKind
from accounts.tokens import hash_code

BINDINGS = (TokenKind.BIND_PHONE, TokenKind.BIND_CODE)
INVITATIONS = (TokenKind.INVITATION, TokenKind.INVITATION_CODE)


class LinkExpired(Exception):
    """The link or code was used, has run out, was withdrawn, or never was."""


def find_token(kind: TokenKind, stored: str) -> Token | None:
    """The token with this stored form, if it can still be used. Looking changes nothing."""
    return Token.objects.filter(kind=kind, hash=stored, used_at=None, revoked_at=None, expires_at__gt=Now()).first()


def find_code(kind: TokenKind, code: str) -> Token | None:
    """The token with these typed letters, made with this SECRET_KEY or one before it, if it can still be used."""
    for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        if token := find_token(kind, hash_code(code, pepper=key)):
            return token
    return None


def consume(token: Token) -> bool:
    """Uses a token up. Of any number of tries at once, one gets True."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE accounts_token SET used_at = now() "
            "WHERE id = %s AND used_at IS NULL AND revoked_at IS NULL AND expires_at > now()",
            [token.pk],
        )
        return bool(cursor.rowcount)


def hold_tokens(subject: UUID) -> None:
    """Waits for whoever is using a token of this person, then lets nobody else. Inside a transaction, and first in it.

    A QR code and its letters are two rows of one offer: held in one order, two who come at once never block each other.
    """
    open_tokens = Token.objects.filter(subject=subject, used_at=None, revoked_at=None)
    list(open_tokens.select_for_update(of=("self",)).order_by("pk").values_list("pk", flat=True))


def revoke_tokens(subject: UUID, *, kinds: Iterable[TokenKind], at: datetime) -> int:
    """Takes back what a person could still use of these kinds. Returns how many.

    A code to a known number counts even when it was used: until the phone is bound, it is the proof of who has the number.
    """
    still_counts = Q(used_at=None) | Q(kind=TokenKind.WAY_BACK)
    tokens = Token.objects.filter(still_counts, subject=subject, kind__in=kinds, revoked_at=None)
    return tokens.update(revoked_at=at)
