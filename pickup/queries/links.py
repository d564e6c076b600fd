"""The row behind an escort's link, and the address that stands for it."""

from __future__ import annotations

from accounts.models import Token
from accounts.services import LinkExpired, pickup_key, pickup_link
from pickup.door import door_word
from pickup.models import PickupLink


def open_link(token: Token) -> PickupLink | None:
    """What a token opens, with visit, patient, clinic and escort: one query, inside its clinic."""
    links = PickupLink.objects.select_related(
        "treatment__protocol_version", "treatment__patient__clinic__country", "escort"
    )
    link = links.defer("treatment__protocol_version__content").filter(token_id=token.pk, escort__ended_at=None).first()
    if link:
        link.token = token
    return link


def address_of(link: PickupLink) -> str:
    """The whole address of the link; "" when the key that it was made with is gone."""
    try:
        return pickup_link(link.token)
    except LinkExpired:
        return ""


def word_of(link: PickupLink) -> str:
    """The door word of this link; "" when its key is gone: staff let the escort in by name then."""
    try:
        return door_word(pickup_key(link.token), link=str(link.pk))
    except LinkExpired:
        return ""
