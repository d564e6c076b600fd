"""Who stands at the door: the word that was said, somebody else who came, a link for their phone."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from accounts.models import Escort, StaffMember
from accounts.queries import escorts_of
from accounts.services import forgive, is_same_person, name_escort, throttle
from clinic.models import DischargeItem
from clinic.services.care import drop_tick, hold, put_tick
from pickup.models import PickupLink
from pickup.services import NotNamed, WrongDoorWord, make_link, meet
from timeline.models import Treatment

WRONG_AT_MOST, WITHIN = 5, timedelta(minutes=15)
ANOTHER_WAY = "There were five wrong words. Find out another way who it is: see “No word, or somebody else”."


class NobodyNamed(Exception):
    """Nobody is named who drives."""


def meet_escort(treatment: Treatment, *, word: str, by: StaffMember, at: datetime) -> PickupLink:
    """The door word, as staff heard it; with it the escort's item is ticked. The wrong word is counted and on record.

    Raises WrongDoorWord, TooManyTries after five wrong ones in a quarter of an hour, AlreadyMoved once the patient has left.
    A new link has a new word, and is tried anew: that is the way on for whoever was heard wrong five times.
    """
    with transaction.atomic():
        locked = hold(treatment)
        tried = _tried(locked)
        throttle("door word", tried, at_most=WRONG_AT_MOST, within=WITHIN, words=ANOTHER_WAY)
        try:
            link = meet(locked, word=word, by=by, at=at)
        except WrongDoorWord as error:
            # Not from in here: that would take the count and the line in the audit trail back.
            wrong = error
        else:
            forgive("door word", tried)
            for key in _escort_keys(locked):
                put_tick(locked, key=key, note="", by=by, at=at)
            return link
    raise wrong


def change_driver(
    treatment: Treatment, *, name: str, phone: str, stays_too: bool, by: StaffMember, at: datetime
) -> Escort:
    """Somebody else came, or nobody was named yet: from now on this person picks the patient up, and the old link ends.

    The same name and number change nothing, but that they stay too, where they did not. Raises AlreadyMoved once the patient
    has left.
    """
    with transaction.atomic():
        locked = hold(treatment)
        before = escorts_of(locked.patient).driver
        if before and is_same_person(before, name=name, phone=phone):
            stays_too = stays_too or before.stays_too
        named = name_escort(
            locked.patient, task=Escort.Task.DRIVES, name=name, phone=phone, stays_too=stays_too, by=by, at=at
        )
        if before and before.pk != named.pk:
            for ticked in DischargeItem.objects.filter(treatment=locked, key__in=_escort_keys(locked)).select_related(
                "treatment"
            ):
                drop_tick(ticked, by=by, at=at)
        PickupLink.objects.filter(treatment=locked, escort=named).update(stays=named.stays_too)
        return named


def offer_link(treatment: Treatment, *, by: StaffMember, at: datetime) -> PickupLink:
    """A new link for whoever drives, to be shown to their phone; the one before ends. Raises NobodyNamed, AlreadyMoved."""
    with transaction.atomic():
        locked = hold(treatment)
        driver = escorts_of(locked.patient).driver
        if driver is None:
            raise NobodyNamed("Nobody is named who picks this patient up. Type a name first.")
        try:
            return make_link(locked, escort=driver, by=by, at=at)
        except NotNamed as ended:
            raise NobodyNamed(f"{ended} Type a name first.") from None


def _tried(treatment: Treatment) -> str:
    """What wrong words are counted by: the visit, and its newest link."""
    newest = PickupLink.objects.filter(treatment=treatment).order_by("-made_at", "-pk").values_list("pk", flat=True)
    return f"{treatment.pk}:{newest.first()}"


def _escort_keys(treatment: Treatment) -> list[str]:
    return [item.key for item in treatment.lists.discharge if item.kind == "escort"]
