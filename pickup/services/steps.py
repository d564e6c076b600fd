"""How far an escort is, as they say it; and the way back from each step."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.services import record
from alerts.services import raise_alert
from pickup.models import PickupLink
from pickup.services.causes import CANT_COME, nobody_comes
from pickup.states import PickupState
from timeline.services import finish_part, open_part
from timeline.set_up import STAYER_COMES


def set_out(link: PickupLink, *, at: datetime) -> bool:
    """ "I'm on my way". Returns whether they are now, by this tap or one before."""
    return _step(link, PickupState.ON_THE_WAY, came_from={PickupState.CONFIRMED}, at=at, on_the_way_at=at)


def arrive(link: PickupLink, *, at: datetime) -> bool:
    """ "I'm outside"."""
    before = {PickupState.CONFIRMED, PickupState.ON_THE_WAY}
    return _step(link, PickupState.OUTSIDE, came_from=before, at=at, outside_at=at)


def take_back(link: PickupLink, *, at: datetime) -> bool:
    """The last of these two was a mistake."""
    was = PickupState(link.state)
    if was is PickupState.OUTSIDE:
        back = PickupState.ON_THE_WAY if link.on_the_way_at else PickupState.CONFIRMED
        return _step(link, back, came_from={was}, at=at, outside_at=None)
    if was is PickupState.ON_THE_WAY:
        return _step(link, PickupState.CONFIRMED, came_from={was}, at=at, on_the_way_at=None)
    return False


def say_cant_come(link: PickupLink, *, at: datetime) -> bool:
    """Staff have to find another way today: it is an alert of its own, each time that it is said."""
    with transaction.atomic():
        before = PickupLink.objects.filter(pk=link.pk)
        if not before.move(to=PickupState.CANT_COME, cant_come_at=at):
            return PickupLink.objects.filter(pk=link.pk, state=PickupState.CANT_COME).exists()
        record(CANT_COME, on=link, at=at, by=link.escort)
        if link.stays:
            open_part(link.treatment, STAYER_COMES)
        reason = f"{link.spoken_name} can’t {'pick them up' if link.drives else 'stay'}."
        raise_alert(nobody_comes(link, reason, at=at), at=at)
        return True


def say_can_come(link: PickupLink, *, at: datetime) -> bool:
    """They come after all. The alert that they made says so; a person closes it."""
    with transaction.atomic():
        gone = PickupLink.objects.filter(pk=link.pk, state=PickupState.CANT_COME)
        if not gone.move(to=PickupState.CONFIRMED, cant_come_at=None):
            return False
        record("escort_can_come", on=link, at=at, by=link.escort)
        if link.stays:
            finish_part(link.treatment, STAYER_COMES, at=at)
        reason = f"{link.spoken_name} can {'come' if link.drives else 'stay'} after all."
        raise_alert(nobody_comes(link, reason, at=at), at=at)
        return True


def _step(
    link: PickupLink, to: PickupState, *, came_from: set[PickupState], at: datetime, **values: datetime | None
) -> bool:
    moved = PickupLink.objects.filter(pk=link.pk, state__in=came_from).move(to=to, **values)
    if moved:
        record("escort_step", on=link, at=at, by=link.escort, facts={"to": to})
    return bool(moved) or PickupLink.objects.filter(pk=link.pk, state=to).exists()
