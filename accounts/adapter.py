"""How django-allauth behaves here: staff only, nobody signs up by themselves, and seeds are kept sealed."""

from __future__ import annotations

import unicodedata
from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.http import HttpRequest

from accounts.middleware import LEFT
from accounts.models import User
from accounts.sealing import seal, unseal

TOO_MANY = "There were too many tries. Wait five minutes, then try once more."


class StaffOnlyAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts are made by the clinic; the sign-up page is closed."""

    error_messages: ClassVar = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": "This e-mail address and this password do not go together. Check both.",
        "incorrect_password": "This is not your password. Type it once more.",
        "too_many_login_attempts": TOO_MANY,
        "rate_limited": TOO_MANY,
    }

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """One count per person, whatever name of ours the browser asked for."""
        return unicodedata.normalize("NFKC", str(credentials.get("email", ""))).casefold()

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Back to where this very person was when their sign-in ran out; else to the board."""
        left = request.session.pop(LEFT, None) or {}
        if left.get("path") and left["user"] == request.user.pk:
            return str(left["path"])
        return str(super().get_login_redirect_url(request))


class SecondStepAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Seeds are sealed with a key that stands outside the database."""

    error_messages: ClassVar = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": (
            "This code is not right. Type the newest one. Still wrong? "
            "Set your phone’s clock to automatic: codes follow the clock."
        ),
    }

    def encrypt(self, text: str) -> str:
        return seal(text, keys=_keys())

    def decrypt(self, encrypted_text: str) -> str:
        """Raises SealBroken."""
        return unseal(encrypted_text, keys=_keys())

    def get_public_key_credential_user_entity(self, user: User) -> dict[str, Any]:
        entity: dict[str, Any] = super().get_public_key_credential_user_entity(user)
        return {**entity, "display_name": user.email}


def _keys() -> list[str]:
    return [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
