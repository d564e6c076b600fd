"""A patient with many texts, and the list of them as a browser asks for it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from aftercare.tenancy import tenant
from tests.conftest import bind
from tests.journal.speed import TEXT
from tests.journal.writing import opened_phone, wrote
from tests.world import make_world


def prepared(texts: int) -> tuple[Callable[[], None], Callable[[], int]]:
    """What looks at the list once, and what counts the queries of a look."""
    world, at = make_world(), timezone.now()
    phone = bind(Client(), world)
    with tenant(world.clinic.pk):
        opened_phone(phone, world)
        for number in range(texts):
            wrote(world.patient, TEXT, at=at - timedelta(hours=number), feelings=("Calm", "Tender"))

    def look() -> None:
        page = phone.get("/words/read/")
        assert page.content.decode().count('<b dir="auto">The river was wide') == texts

    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            look()
        return len(found)

    return look, queries
