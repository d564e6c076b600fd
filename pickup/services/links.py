"""Making an escort's link, keeping it alive as long as the visit, and taking it back."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import transaction

from accounts.models import Escort, Patient, StaffMember, Token
from accounts.services import make_pickup_token, record
from pickup.life import link_ends_at
from pickup.models import PickupLink
from pickup.states import PickupState
from timeline.models import Treatment


class NotNamed(Exception):
    """This escort does not help any more."""


def make_link(treatment: Treatment, *, escort: Escort, by: StaffMember | Patient, at: datetime) -> PickupLink:
    """A new link for this escort and this visit; the one before opens nothing any more. Inside tenant().

    What was ticked stays with the visit, and a link for another visit stays as it is. Its address is
    accounts.services.pickup_link(link.token). Raises NotNamed when the escort was ended meanwhile.
    """
    with transaction.atomic():
        if not Escort.objects.select_for_update(no_key=True).filter(pk=escort.pk, ended_at=None):
            raise NotNamed("This person is not named any more.")
        before = PickupLink.objects.filter(treatment=treatment, escort=escort)
        Token.objects.filter(pk__in=before.values("token"), revoked_at=None).update(revoked_at=at)
        ends_at = link_ends_at(
            planned_for=treatment.planned_for, hour_zero=treatment.hour_zero, zone=ZoneInfo(treatment.zone)
        )
        token = make_pickup_token(escort, expires_at=ends_at, by=by if isinstance(by, StaffMember) else None)
        link = PickupLink.objects.create(
            clinic_id=treatment.clinic_id,
            treatment=treatment,
            escort=escort,
            token=token,
            name=escort.name,
            drives=escort.task == Escort.Task.DRIVES,
            stays=escort.task == Escort.Task.STAYS or escort.stays_too,
            state=PickupState.ASKED,
            made_at=at,
            made_by=by if isinstance(by, StaffMember) else None,
        )
        record("pickup_link_made", on=link, at=at, by=by)
        return link


def withdraw_link(link: PickupLink, *, by: StaffMember | Patient, at: datetime) -> bool:
    """This one opens nothing any more. Returns whether it did until now."""
    with transaction.atomic():
        ended = Token.objects.filter(pk=link.token_id, revoked_at=None).update(revoked_at=at)
        if ended:
            record("pickup_link_withdrawn", on=link, at=at, by=by)
        return bool(ended)


def withdraw_links(treatment: Treatment, *, by: StaffMember | Patient | None, at: datetime) -> int:
    """No link of this visit opens anything any more. Returns how many there were."""
    links = PickupLink.objects.filter(treatment=treatment, token__revoked_at=None)
    count = Token.objects.filter(pk__in=links.values("token")).update(revoked_at=at)
    if count:
        record("pickup_links_withdrawn", on=treatment, at=at, by=by)
    return count


def follow_hour_zero(treatment: Treatment) -> None:
    """The links of a visit live by its hour 0, and as long after a correction."""
    ends_at = link_ends_at(
        planned_for=treatment.planned_for, hour_zero=treatment.hour_zero, zone=ZoneInfo(treatment.zone)
    )
    links = PickupLink.objects.filter(treatment=treatment)
    Token.objects.filter(pk__in=links.values("token"), revoked_at=None).update(expires_at=ends_at)
