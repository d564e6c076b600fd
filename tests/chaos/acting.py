"""What people do while messages leave, by the app's own services, however often the database goes away meanwhile."""

from __future__ import annotations

import time
from datetime import timedelta

from django.db import DatabaseError, InterfaceError, connection
from django.utils import timezone

from accounts.models import Clinic, StaffMember
from accounts.services import stop_texts
from aftercare.state import AlreadyMoved
from aftercare.tenancy import tenant
from tests.chaos.prompt_people import phone
from timeline.models import Treatment
from timeline.services import TimeNotPossible, correct_hour_zero, end_badly
from timeline.states import BadEnding


def act(place: int, kind: str, by: int) -> None:
    """Returns once it is committed, or was by a try whose answer was lost."""
    seen: list[int] = []
    while True:
        try:
            _act(place, kind, timedelta(seconds=by), seen)
        except (AlreadyMoved, TimeNotPossible):
            return
        except (DatabaseError, InterfaceError):
            connection.close()
            time.sleep(0.3)
        else:
            return


def _act(place: int, kind: str, by: timedelta, seen: list[int]) -> None:
    """`seen` holds the plan that the first try found: a correction is never made twice."""
    at = timezone.now()
    if kind == "stop":
        stop_texts(phone(place), at=at)
        return
    clinic = Clinic.objects.get()
    with tenant(clinic.pk):
        nurse = StaffMember.objects.get(clinic=clinic)
        visit = Treatment.objects.get(patient__record_number=f"C-{place}")
        if kind == "visit":
            end_badly(visit, reason=BadEnding.HOSPITAL, by=nurse, at=at)
            return
        seen[:] = seen or [visit.plan_number]
        assert visit.hour_zero
        correct_hour_zero(visit, hour_zero=visit.hour_zero + by, seen_plan=seen[0], by=nurse, at=at)
