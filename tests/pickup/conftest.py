"""A visit that somebody picks up from, and the escort's browser."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Escort
from pickup.models import PickupLink
from tests.pickup.ways import PHONE, a_joined, an_escort, opened
from tests.world import World
from timeline.models import Treatment
from timeline.states import TreatmentState


@pytest.fixture
def visit(world: World) -> Treatment:
    """Under way: the patient rests at the clinic."""
    hour_zero = timezone.now() - timedelta(minutes=30)
    return world.treatment(TreatmentState.RECOVERING, hour_zero=hour_zero)


@pytest.fixture
def jo(world: World) -> Escort:
    """Who drives, and stays too."""
    return an_escort(world, phone=PHONE, stays_too=True)


@pytest.fixture
def link(visit: Treatment, jo: Escort) -> PickupLink:
    return a_joined(visit, jo)


@pytest.fixture
def escort(link: PickupLink) -> Client:
    return opened(link)
