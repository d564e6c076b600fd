"""Keys are wrapped anew while people write and read: no page fails, and no key is left behind."""

from __future__ import annotations

from collections.abc import Iterator
from io import StringIO
from urllib.parse import urlsplit

import pytest
from django.core.management import call_command
from django.utils import timezone
from pytest_django.fixtures import Settings

from aftercare.tenancy import as_journal, tenant
from journal.crypto import KeyRing
from journal.models import JournalKey
from journal.services import keys
from tests.journal.many_keys import add_keys, add_phones
from tests.journal.pages import WordsLoad
from tests.journal.rings import OLD, ROTATING
from tests.stack import wait_for
from tests.world import World

KEYS, PHONES = 500, 3


@pytest.fixture
def _rotating(settings: Settings) -> Iterator[None]:
    settings.JOURNAL_KEYS = ROTATING
    keys._trusted.clear()
    yield
    keys._trusted.clear()


@pytest.mark.usefixtures("_rotating")
def test_pages_go_on_while_every_key_is_wrapped_anew(committed: None, world: World, server: str) -> None:
    at = timezone.now()
    add_keys(world, keys=KEYS, ring=KeyRing.read(OLD), at=at)
    load = WordsLoad(int(urlsplit(server).port or 0), add_phones(world, phones=PHONES, at=at))
    wait_for(lambda: load.seen.requests >= 2 * PHONES, seconds=30)
    out = StringIO()
    call_command("journal_keys", "rewrap", stdout=out)
    before = load.seen.requests
    wait_for(lambda: load.seen.requests >= before + 2 * PHONES, seconds=30)
    seen = load.stop()
    assert out.getvalue() == f"{KEYS} keys were wrapped anew, 0 are left under another key\n"
    assert (seen.wrong, seen.requests > 4 * PHONES - 1) == ([], True)
    with tenant(world.clinic.pk), as_journal():
        assert set(JournalKey.objects.values_list("ring_key", flat=True)) == {"next"}
        assert JournalKey.objects.count() == KEYS + PHONES
