"""A nurse with a password, for the tests of the ways in."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.test import Client

from accounts.models import StaffMember
from tests.clinic.doors import a_browser, give_app, give_password, type_password
from tests.world import World


@pytest.fixture
def nurse(world: World) -> StaffMember:
    cache.clear()
    return give_password(world.nurse)


@pytest.fixture
def newcomer(nurse: StaffMember) -> Client:
    """A browser in which the password was right, and nothing more."""
    browser = a_browser()
    type_password(browser, nurse)
    return browser


@pytest.fixture
def secret(nurse: StaffMember) -> str:
    return give_app(nurse)
