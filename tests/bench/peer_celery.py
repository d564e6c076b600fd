"""Celery with a message for each prompt that waits in the worker until its time."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from datetime import datetime

from celery import Celery

from tests.bench.peer_work import send, tell

# Without its fixup for Django, which closes the connection around each task.
app = Celery("peer", broker=os.environ["PEER_BROKER"], fixups=[])
app.conf.update(
    task_ignore_result=True,
    redbeat_redis_url=os.environ["PEER_BROKER"],
    redbeat_lock_key=None,
    beat_max_loop_interval=1,
)


@app.task(name="peer.send")
def send_one(pk: int) -> None:
    send(pk)


def schedule(ids: Sequence[int], at: datetime) -> None:
    with app.producer_pool.acquire(block=True) as producer:
        for pk in ids:
            send_one.apply_async((pk,), eta=at, producer=producer)


if __name__ == "__main__":
    assert sys.argv[1:] == ["tell"]
    tell(schedule)
