"""What must be right before anything is sent: where e-mails come from, and who is on the guest list."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.core.exceptions import ValidationError

from accounts.emails import read_email
from aftercare.starting import SETTINGS
from prompts.guests import unreadable_guests


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
