"""An escort at the door, as staff have it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import StaffMember
from accounts.services import record
from pickup.door import is_door_word
from pickup.models import PickupLink
from pickup.queries.links import word_of
from pickup.states import PickupState
from timeline.models import Treatment


class WrongDoorWord(Exception):
    """No escort of this visit has this word."""


def meet(treatment: Treatment, *, word: str, by: StaffMember, at: datetime) -> PickupLink:
    """Staff typed the word that the person at the door said. Returns whose it is. Raises WrongDoorWord.

    The word of an escort who was met already counts again: a second tap changes nothing.
    """
    with transaction.atomic():
        links: list[PickupLink] = list(
            PickupLink.objects.filter(treatment=treatment, token__revoked_at=None).select_related("token")
        )
        for link in links:
            own = word_of(link)  # "" for a link whose key is gone
            if own and is_door_word(word, own):
                before = PickupLink.objects.filter(pk=link.pk).exclude(state=PickupState.HOME_SAFE)
                if before.move(to=PickupState.MET, met_at=at):
                    record("escort_met", on=link, at=at, by=by)
                link.refresh_from_db()
                return link
        record("door_word_wrong", on=treatment, at=at, by=by)
    raise WrongDoorWord("This is not the door word of anybody who picks this patient up.")
