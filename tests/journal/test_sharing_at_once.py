"""Many tries at one copy at the same moment: no more are looked at than are left."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import Token
from accounts.services import LinkExpired
from accounts.states import TokenKind
from aftercare.tenancy import as_journal, tenant
from journal.models import KeyEvent
from journal.services import CodeRefused, open_with_code
from journal.sharing import RESTS_AFTER
from tests.journal.sharing import a_share, kept_share
from tests.world import World

pytestmark = pytest.mark.usefixtures("committed")


def test_of_many_tries_at_once_no_more_are_looked_at_than_are_left(world: World) -> None:
    with tenant(world.clinic.pk):
        made = a_share(world.patient)
    token = Token.objects.get(kind=TokenKind.SHARE)

    def guess(number: int) -> str:
        try:
            open_with_code(token, f"{number:08d}", at=timezone.now())
        except (CodeRefused, LinkExpired) as error:
            return str(error)
        finally:
            connection.close()
        return "opened"

    with ThreadPoolExecutor(8) as threads:
        said = list(threads.map(guess, range(24)))
    assert "opened" not in said
    with tenant(world.clinic.pk):
        assert kept_share(made).misses == RESTS_AFTER
        with as_journal():
            assert KeyEvent.objects.filter(deed="share_missed").count() == RESTS_AFTER
