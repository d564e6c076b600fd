"""Fills the night page of the escort: what is usual, when to wake, when to call, and their own settings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from accounts.services import may_text
from accounts.states import ConsentKind
from pickup.models import PickupLink
from pickup.queries.consents import agrees_to
from pickup.queries.moments import clock, language_now
from timeline.visit_lists import NightPage, for_escort, named


@dataclass(frozen=True, slots=True)
class TonightPage:
    """Lines to read, and what the escort allows now. `phone_ends`: the last two digits of their number, or "".

    `lang` is the language of the lines where it is not the page's; else "".
    """

    name: str
    stays: bool
    night: NightPage
    has_texts: bool
    is_asked: bool
    phone_ends: str
    ends: str
    lang: str


def tonight_page(link: PickupLink, at: datetime) -> TonightPage:
    """Two queries beside the one that found the link."""
    name, (lists, language) = link.patient_name, for_escort(link.treatment.lists, language_now())
    return TonightPage(
        name=name,
        stays=link.stays,
        night=named(lists.night, name),
        has_texts=may_text(link.escort),
        is_asked=link.stays and agrees_to(link, ConsentKind.ESCORT_ASKED),
        phone_ends=link.escort.phone[-2:],
        ends=clock(link.token.expires_at, link.treatment, at),
        lang="" if language == language_now() else language,
    )
