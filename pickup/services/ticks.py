"""Ticking duties. Two escorts who tick at once lose nothing; what somebody else ticked stays theirs."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from accounts.services import record
from pickup.models import PickupLink, PickupTick


def save_list(link: PickupLink, *, ticked: Collection[str], shown: Collection[str], at: datetime) -> None:
    """The list as this escort's page has it: `ticked` duties, of which `shown` were ticked by this escort before.

    Only what was shown as theirs and is ticked no more goes: a page of long ago takes nothing away that it did not show.
    """
    with transaction.atomic():
        new = [duty for duty in ticked if _tick(link, duty, at=at)]
        own = PickupTick.objects.filter(treatment=link.treatment, link__escort=link.escort)
        gone = own.filter(duty__in=set(shown) - set(ticked)).delete()[0]
        if new or gone:
            facts = {"ticked": new, "unticked": gone}
            record("duties_ticked", on=link, at=at, by=link.escort, facts=facts)


def _tick(link: PickupLink, duty: str, *, at: datetime) -> bool:
    """The first tick counts; get_or_create asks the constraint, so that two at once are one row."""
    _, is_new = PickupTick.objects.get_or_create(
        clinic_id=link.clinic_id,
        treatment=link.treatment,
        duty=duty,
        defaults={"link": link, "ticked_at": at},
    )
    return is_new
