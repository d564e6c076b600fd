"""Two escorts who tick at the same moment lose nothing."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import AuditEvent, Escort
from aftercare.tenancy import tenant
from pickup.models import PickupTick
from pickup.services import save_list, say_home
from tests.pickup.ways import a_joined, an_escort
from tests.world import World
from timeline.states import TreatmentState

pytestmark = pytest.mark.usefixtures("committed")


def test_two_who_tick_at_once_lose_nothing_and_one_is_home_safe_first(world: World) -> None:
    with tenant(world.clinic.pk):
        visit = world.treatment(TreatmentState.DISCHARGED)
        links = [
            a_joined(visit, an_escort(world)),
            a_joined(visit, an_escort(world, name="Lee", task=Escort.Task.STAYS)),
        ]
        keys = [item.key for group in visit.lists.pickup for item in group.items]

    def act(number: int) -> bool:
        link = links[number % 2]
        own = keys[:8] if number % 2 else keys[5:]
        try:
            with tenant(world.clinic.pk):
                save_list(link, ticked=own, shown=(), at=timezone.now())
                return say_home(visit, by=link, at=timezone.now())
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(act, range(8)))
    with tenant(world.clinic.pk):
        assert set(PickupTick.objects.values_list("duty", flat=True)) == set(keys)
        assert PickupTick.objects.count() == len(keys)
        assert AuditEvent.objects.filter(action="home_safe").count() == 1
