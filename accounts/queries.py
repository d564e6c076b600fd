"""Who is asking, and whom a clinic's pages name."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.db import InterfaceError, OperationalError

from accounts.models import Country, Device, StaffMember, User


def staff_member_of(user: User) -> StaffMember | None:
    """The active place of a signed-in user, with the clinic and its country: one query."""
    return (
        StaffMember.objects.filter(user=user, is_active=True, user__is_active=True)
        .select_related("clinic", "clinic__country", "user")
        .first()
    )


def bound_device(device_id: UUID, *, clinic_id: UUID) -> Device | None:
    """A phone that is still bound, with its patient, clinic and country: one query, inside tenant(clinic_id)."""
    return (
        Device.objects.filter(pk=device_id, clinic_id=clinic_id, revoked_at=None)
        .select_related("patient", "patient__clinic", "patient__clinic__country")
        .first()
    )


_last_known: dict[str, Country] = {}


def default_country() -> Country | None:
    """Whose numbers a page shows before anybody is known. With the database away: as this process read them last."""
    try:
        country = Country.objects.filter(pk=settings.DEFAULT_COUNTRY).first()
    except (OperationalError, InterfaceError):
        return _last_known.get(settings.DEFAULT_COUNTRY)
    if country:
        _last_known[country.pk] = country
    return country
