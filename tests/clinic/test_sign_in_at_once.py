"""Guessing from many sides at once."""

from __future__ import annotations

import threading

from django.db import connection
from django.test import Client

from tests.clinic.doors import give_password, type_password
from tests.world import World


def test_tries_are_counted_together_by_every_process(committed: None, world: World) -> None:
    """Each thread has a connection of its own, as each process has: no more than five passwords are looked at."""
    nurse, statuses = give_password(world.nurse), list[int]()

    def guess() -> None:
        statuses.extend(type_password(Client(), nurse, password="wrong").status_code for _ in range(3))
        connection.close()

    threads = [threading.Thread(target=guess) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses.count(422) <= 5
    assert statuses.count(429) >= 7
