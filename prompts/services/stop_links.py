"""The link that ends e-mails to an address: signed, so that only we can make one, and it tells nothing of whom it is for."""

from __future__ import annotations

from typing import Protocol
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.urls import reverse

from accounts.services import address_mark

_SALT = "prompts.stop_emails"


class Stoppable(Protocol):
    """A channel, or what was read of one."""

    @property
    def clinic_id(self) -> UUID: ...
    @property
    def pk(self) -> UUID: ...
    @property
    def address(self) -> str: ...


def stop_link(channel: Stoppable) -> str:
    """The address that ends e-mails to this channel as it is now."""
    named = f"{channel.clinic_id.hex}{channel.pk.hex}{address_mark(channel.address)}"
    signed = signing.Signer(salt=_SALT).sign(named)
    return settings.PUBLIC_URL + reverse("prompts:stop_emails", args=[signed])


def read_stop_link(signed: str) -> tuple[UUID, UUID, str] | None:
    """The clinic, the channel and the mark of the address that a stop link names; None for one that we did not make."""
    try:
        value = signing.Signer(salt=_SALT).unsign(signed)
        return UUID(value[:32]), UUID(value[32:64]), value[64:]
    except (signing.BadSignature, ValueError):
        return None
