"""Two logs of one page at the same moment, with different answers: each is kept."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from aftercare.tenancy import tenant
from checkin.models import DailyLog
from checkin.services import Said, record_log
from tests.world import World

pytestmark = pytest.mark.usefixtures("committed")


def test_different_answers_of_one_page_at_once_are_all_kept_and_the_same_ones_once(world: World) -> None:
    key = uuid4()

    def send(mood: int) -> None:
        try:
            with tenant(world.clinic.pk):
                record_log(world.patient, Said(mood, 5, 3), key=key, at=timezone.now())
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(send, [3, 4, 5, 6, 7, 8, 9, 10]))
    with tenant(world.clinic.pk):
        assert sorted(DailyLog.objects.values_list("mood", flat=True)) == [3, 4, 5, 6, 7, 8, 9, 10]
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(send, [2] * 8))
    with tenant(world.clinic.pk):
        assert DailyLog.objects.filter(mood=2).count() == 1
