"""What the card about notes on this phone needs, for pages of apps that may not know what a prompt is."""

from __future__ import annotations

from typing import Any

from django import template

from accounts.access import device_of
from prompts.queries import PushCard, push_card
from prompts.services import push_public_key

register = template.Library()


@register.simple_tag
def push_key() -> str:
    """What a browser subscribes with; "" where notes are not offered, and then nothing is shown."""
    return push_public_key()


@register.simple_tag(takes_context=True)
def push_of_this_phone(context: dict[str, Any]) -> PushCard:
    return push_card(device_of(context["request"]))
