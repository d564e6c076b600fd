"""Sessions in PostgreSQL of which only a hash of the key is stored: a copy of the table opens no door."""

from __future__ import annotations

import hashlib
from typing import Any

from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.models import Session
from django.core.exceptions import SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.db.models.functions import Now


def session_hash(key: str) -> str:
    """What is stored of a session's key: 160 bits of its SHA-256, which is what Django's column holds."""
    return hashlib.sha256(key.encode()).hexdigest()[:40]


class SessionStore(db.SessionStore):
    """Django's own, but for the key: the cookie holds it, the table its hash."""

    def _get_session_from_db(self) -> Session | None:
        try:
            return Session.objects.get(session_key=session_hash(self.session_key or ""), expire_date__gt=Now())
        except (Session.DoesNotExist, SuspiciousOperation):
            self._session_key = None
            return None

    def exists(self, session_key: str) -> bool:
        return super().exists(session_hash(session_key))

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        session = super().create_model_instance(data)
        session.session_key = session_hash(session.session_key)
        return session

    def save(self, must_create: bool = False) -> None:
        """Django takes every failure for a session that was ended meanwhile, and answers 400. A database that is away is none."""
        try:
            super().save(must_create)
        except UpdateError as error:
            if isinstance(error.__context__, OperationalError | InterfaceError):
                raise error.__context__ from None
            raise

    def delete(self, session_key: str | None = None) -> None:
        if key := session_key or self.session_key:
            super().delete(session_hash(key))
