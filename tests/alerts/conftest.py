"""A clinic whose staff can be told, alerts of its patient, and what became of their notices."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone

from accounts.models import StaffMember
from accounts.states import Role
from aftercare.tenancy import tenant
from alerts.models import Alert, AlertNotice, OnCallShift
from alerts.services import AlertCause, raise_alert, send_next
from alerts.states import Cause
from prompts.channels.inbox import Inbox
from prompts.services import Pager, pager
from tests.conftest import Standin
from tests.world import World, make_staff
from timeline.levels import Level

FIRST_NUMBER, SECOND_NUMBER, MANAGER_NUMBER = "+15550100181", "+15550100182", "+15550100183"
_sources = itertools.count(1)


def ago(**values: float) -> datetime:
    return timezone.now() - timedelta(**values)


def cause(world: World, level: Level = Level.EMERGENCY, **values: Any) -> AlertCause:
    values = {
        "treatment": None,
        "kind": Cause.CHECK_IN,
        "source": f"check_in:{next(_sources)}",
        "reasons": ("Hard to breathe",),
        "rules": ("E1",),
        **values,
    }
    return AlertCause(patient=world.patient, level=level, **values)


def person(world: World, role: Role, name: str, phone: str) -> StaffMember:
    member = make_staff(world.clinic, role, name=name)
    StaffMember.objects.filter(pk=member.pk).update(phone=phone)
    member.phone = phone
    return member


def on_duty(world: World, member: StaffMember, *, seat: int = 0, hours: float = 8) -> OnCallShift:
    """On duty since an hour ago. Opens no clinic: the test does."""
    return OnCallShift.objects.create(
        clinic=world.clinic,
        staff=member,
        seat=seat,
        starts_at=ago(hours=1),
        ends_at=timezone.now() + timedelta(hours=hours),
        added_at=ago(hours=2),
        added_by=member,
    )


@pytest.fixture
def first(world: World) -> StaffMember:
    """A nurse with a number, who is on duty in seat 0."""
    member = person(world, Role.NURSE, "Ines Ortega", FIRST_NUMBER)
    with tenant(world.clinic.pk):
        on_duty(world, member)
    return member


@pytest.fixture
def second(world: World) -> StaffMember:
    """A clinician with a number, in seat 1."""
    member = person(world, Role.CLINICIAN, "Ana Ruiz", SECOND_NUMBER)
    with tenant(world.clinic.pk):
        on_duty(world, member, seat=1)
    return member


@pytest.fixture
def manager(world: World) -> StaffMember:
    """Somebody with a number, on no list."""
    return person(world, Role.MANAGER, "Kim Sato", MANAGER_NUMBER)


@dataclass
class Desk:
    """A sender with its provider, and what arrived there."""

    inbox: Inbox
    pager: Pager

    def send_all(self) -> int:
        """How many notices were due."""
        count = 0
        while send_next(self.pager):
            count += 1
        return count

    def sent_to(self) -> list[tuple[str, str]]:
        return sorted((message["kind"], message["to"]) for message in self.inbox.messages)


@pytest.fixture
def desk(standin: Standin) -> Iterator[Desk]:
    with pager() as opened:
        yield Desk(standin.inbox, opened)


@pytest.fixture
def raised(world: World) -> Callable[..., Alert]:
    """raised(Level.URGENT, at=ago(minutes=6)): an alert of its own, committed or in the test's transaction."""

    def make(level: Level = Level.EMERGENCY, *, at: datetime | None = None, **values: Any) -> Alert:
        with tenant(world.clinic.pk):
            return raise_alert(cause(world, level, **values), at=at or timezone.now())

    return make


def notices(world: World, alert: Alert | UUID, **only: Any) -> list[AlertNotice]:
    with tenant(world.clinic.pk):
        return list(AlertNotice.objects.filter(alert=alert, **only).order_by("lift", "step", "seat", "channel", "pk"))


def states(world: World, alert: Alert, **only: Any) -> list[tuple[int, int, str, str]]:
    """(step, seat, channel, state) of each notice."""
    return [
        (notice.step, notice.seat, notice.channel, notice.get_state_display())
        for notice in notices(world, alert, **only)
    ]
