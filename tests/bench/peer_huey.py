"""huey with two worker processes and its own scheduler."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from datetime import datetime

from huey import RedisHuey

from tests.bench.peer_work import send, tell

huey = RedisHuey("peer", url=os.environ["PEER_BROKER"], results=False)


@huey.task()  # type: ignore[untyped-decorator]
def send_one(pk: int) -> None:
    send(pk)


def schedule(ids: Sequence[int], at: datetime) -> None:
    for pk in ids:
        send_one.schedule((pk,), eta=at)


if __name__ == "__main__":
    if sys.argv[1:] == ["tell"]:
        tell(schedule)
    else:
        huey.create_consumer(workers=2, worker_type="process", periodic=False).run()
