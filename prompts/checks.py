"""What must be right before anything is sent: where e-mails come from, the key of notices, and who is on the guest list."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.core.exceptions import ValidationError

from accounts.emails import read_email
from aftercare.starting import SETTINGS
from prompts.guests import unreadable_guests
from prompts.services import push_public_key

# A name of a host, or all below a name of two parts at least: never a whole country's.
_HOST = re.compile(r"(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)+", re.ASCII)
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


@register(SETTINGS)
def check_guests(app_configs: Any, **_: Any) -> list[CheckMessage]:
    """Names the place of a wrong entry, not the entry: it may be somebody's number."""
    wrong = unreadable_guests(settings.SEND_ONLY_TO, country=settings.DEFAULT_COUNTRY)
    return [
        Error(
            f"Entry {number} of SEND_ONLY_TO is neither a phone number nor an e-mail address.",
            hint="Give numbers like +12125550142 and addresses like name@example.org, with commas between them.",
            id="prompts.E001",
        )
        for number in wrong
    ]


@register(SETTINGS)
def check_emails(app_configs: Any, **_: Any) -> list[CheckMessage]:
    """An address to write from, and no password in the clear."""
    found: list[CheckMessage] = []
    server = settings.EMAIL_SERVER
    if not server:
        return found
    if server["password"] and not (server["use_tls"] or server["use_ssl"]):
        found.append(Error("EMAIL_URL holds a password: add ?tls=1, or begin it with smtps://.", id="prompts.E003"))
    try:
        read_email(settings.EMAIL_FROM)
    except ValidationError:
        found.append(
            Error("EMAIL_URL is set: set EMAIL_FROM too, to an address like notes@example.org.", id="prompts.E002")
        )
    return found


@register(SETTINGS)
def check_push(app_configs: Any, **_: Any) -> list[CheckMessage]:
    """A key that can sign, somebody to write to, and no way to an address inside."""
    found: list[CheckMessage] = []
    if not _can_sign():
        found.append(Error("PUSH_KEY can't be read.", hint="`manage.py push_key` makes one.", id="prompts.E004"))
    if settings.PUSH_KEY and not re.fullmatch(r"mailto:[^@\s]+@[\w.-]+\.\w+", settings.PUSH_SUBJECT, re.ASCII):
        found.append(
            Error(
                "PUSH_KEY is set: set PUSH_SUBJECT too, to an address like mailto:help@example.org.", id="prompts.E005"
            )
        )
    if not all(_HOST.fullmatch(host) for host in settings.PUSH_HOSTS):
        found.append(
            Error(
                "PUSH_HOSTS holds no name of a host: give names like push.example.org, or *.push.example.org, with commas.",
                id="prompts.E006",
            )
        )
    if settings.PUSH_STAND_IN and (settings.IS_HTTPS or urlsplit(settings.PUSH_STAND_IN).hostname not in _LOOPBACK):
        found.append(
            Error("PUSH_STAND_IN is for trying things out on this machine, never with https.", id="prompts.E007")
        )
    return found


def _can_sign() -> bool:
    try:
        push_public_key()
    except ValueError:
        return False
    return True
