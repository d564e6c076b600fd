"""What the demo's phone would show on its lock screen."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parseaddr

import httpx
from django.conf import settings

from accounts.emails import same_email
from accounts.models import Channel, Clinic
from accounts.phones import show_phone
from aftercare.tenancy import tenant

# So many messages fit on it.
SHOWS_MESSAGES = 12


@dataclass(frozen=True, slots=True)
class Arrived:
    """One message on the demo's phone: whose phone it is, who sent it, when it came and what it says.

    An e-mail has a subject and all its `lines` too, for whoever opens it; a text has neither. A call's text is what it says.
    """

    to: str
    sender: str
    when: str
    subject: str
    text: str
    lines: tuple[str, ...]
    is_call: bool


@dataclass(frozen=True, slots=True)
class LockScreen:
    """The demo's phone: messages as they arrive on a lock screen, newest first; why there are none, if so."""

    messages: tuple[Arrived, ...] = ()
    trouble: str = ""
    mark: str = ""


def lock_screen(at: datetime) -> LockScreen:
    """Asks the stand-in of the providers what it took. Never raises for what a network may do."""
    try:
        response = httpx.get(f"{settings.SMS_BASE_URL}/messages.json?last={SHOWS_MESSAGES}", timeout=2)
        newest = list(reversed(response.raise_for_status().json()))
        names = _names() if newest else {}
        messages = tuple(_arrived(item, names=names, at=at) for item in newest)
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, LookupError, TypeError):
        return LockScreen(trouble="The demo’s message service does not answer.", mark="away")
    return LockScreen(messages=messages, mark=hashlib.sha256(repr(messages).encode()).hexdigest()[:12])


def _names() -> dict[str, str]:
    """Number or address: whose it is, at the demo's clinics."""
    names: dict[str, str] = {}
    for clinic_id in Clinic.objects.filter(is_demo=True).values_list("pk", flat=True):
        with tenant(clinic_id):
            channels = Channel.objects.filter(patient__isnull=False).exclude(address="").select_related("patient")
            names |= {same_email(channel.address): str(channel.patient) for channel in channels}
    return names


def _arrived(item: dict[str, str], *, names: dict[str, str], at: datetime) -> Arrived:
    sender_name, address = parseaddr(item.get("from", ""))
    lines = tuple(line for line in item["body"].splitlines() if line) if "subject" in item else ()
    return Arrived(
        to=names.get(same_email(item["to"]), show_phone(item["to"])),
        sender=sender_name or address or show_phone(settings.SMS_FROM),
        when=_ago(at - datetime.fromtimestamp(float(item["at"]), UTC)),
        subject=item.get("subject", ""),
        text=lines[0] if lines else item["body"],
        lines=lines,
        is_call=item.get("kind") == "voice",
    )


def _ago(passed: timedelta) -> str:
    minutes = int(passed.total_seconds() // 60)
    if minutes < 1:
        return "now"
    return f"{minutes} min ago" if minutes < 60 else f"{minutes // 60} h ago"
