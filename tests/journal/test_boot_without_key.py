"""With no ring, one that can't be read, or a wrong one: the app starts, and everything but private writing goes on."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from aftercare.processes import ROOT
from aftercare.tenancy import tenant
from alerts.models import Alert
from journal.services import keys
from tests.checkin.pages import START, begin, red_tile, shown
from tests.journal.rings import NEW, STRAY
from tests.journal.writing import wrote
from tests.security.test_permissions import ADDRESSES, DOORS, SHOW, House, house, tried
from tests.world import World

__all__ = ["house"]
RINGS = {"none": "", "unreadable": "k:not a key", "stray": STRAY, "another": NEW}
# Who looks at the pages of each audience.
LOOKS = {"staff": "Manager", "escort": "an escort", "public": "stranger"}


@pytest.fixture(autouse=True)
def _no_trust() -> Iterator[None]:
    keys._trusted.clear()
    yield
    keys._trusted.clear()


@pytest.mark.parametrize("ring", RINGS.values(), ids=RINGS)
def test_the_web_process_starts(django_db_setup: None, ring: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import aftercare.wsgi"],
        cwd=ROOT,
        env=os.environ | {"JOURNAL_KEYS": ring, "DJANGO_SETTINGS_MODULE": "aftercare.settings"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.django_db
@pytest.mark.parametrize("ring", ["", STRAY], ids=["none", "stray"])
def test_every_page_that_is_not_for_private_words_shows_as_with_the_ring(
    house: House, settings: Settings, ring: str
) -> None:
    pages = {
        name: reverse(name, kwargs={key: house.rows[key] for key in ADDRESSES[name]})
        for name, door in DOORS.items()
        if door.methods >= SHOW and not name.startswith("journal:")
    }
    with_ring = statuses(house, pages)
    assert len(with_ring) > 80
    assert 200 in with_ring.values()
    settings.JOURNAL_KEYS = ring
    keys._trusted.clear()
    assert statuses(house, pages) == with_ring


def statuses(house: House, pages: dict[str, str]) -> dict[str, int]:
    found = {}
    for name, address in pages.items():
        actor = house.actors[LOOKS.get(DOORS[name].audience, "patient")]
        found[name] = tried(actor.browser, "GET", address)[0].status_code
    assert max(found.values()) < 500
    return found


@pytest.mark.django_db
@pytest.mark.parametrize("ring", RINGS.values(), ids=RINGS)
def test_a_red_flag_reaches_staff(world: World, phone: Client, settings: Settings, ring: str) -> None:
    world.treatment()
    wrote(world.patient, "before", at=timezone.now())
    settings.JOURNAL_KEYS = ring
    keys._trusted.clear()
    assert begin(phone, red_tile(shown(phone.get(START)))).status_code == 303
    with tenant(world.clinic.pk):
        assert Alert.objects.count() == 1
